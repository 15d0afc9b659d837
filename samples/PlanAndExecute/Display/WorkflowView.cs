using System.Text;
using Microsoft.Agents.AI.Workflows;
using Qwen3.Agents;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace PlanAndExecute.Display;

/// <summary>What has happened so far, as a tree.</summary>
internal sealed class WorkflowView
{
    private readonly StringBuilder _reasoning = new();
    private readonly StringBuilder _answer = new();
    private readonly SortedDictionary<int, StepView> _steps = [];
    private string? _goal;
    private string? _end;

    public void Apply(WorkflowEvent happened)
    {
        switch (happened)
        {
            case ReasoningEvent piece when piece.StepId is { } id:
                _steps[id].Think(piece.Text);
                break;
            case ReasoningEvent piece:
                _reasoning.Append(piece.Text);
                break;
            case RequestInfoEvent { Request: { } request } when Question.Of<PlanReview>(request) is { } review:
                SetPlan(review.Plan);
                break;
            case ResumedEvent resumed:
                _goal = resumed.Plan.Goal;
                Resume(resumed.Steps);
                break;
            case PlanCreatedEvent made:
                SetPlan(made.Plan);
                break;
            case ReplannedEvent made:
                SetPlan(made.Plan);
                break;
            case StepStartedEvent started:
                _steps[started.Step.Id].Status = StepStatus.Running;
                break;
            case CallEvent made:
                _steps[made.StepId].Add($"calls {Wording.Of(made.Call)}", Color.Blue);
                break;
            case ApprovalRequestedEvent asked:
                _steps[asked.StepId].Status = StepStatus.AwaitingApproval;
                break;
            case ResultEvent back:
                _steps[back.StepId].Add($"{back.Result.Result}", back.HasFailed ? Color.Red : Color.Aqua);
                break;
            case StepDoneEvent done:
                _steps[done.Step.Id].Add(done.Result);
                _steps[done.Step.Id].Status = StepStatus.Done;
                break;
            case StepRefusedEvent refused:
                _steps[refused.Step.Id].Add(refused.Reason, Color.Red);
                _steps[refused.Step.Id].Status = StepStatus.Refused;
                break;
            case StepFailedEvent failed:
                _steps[failed.Step.Id].Add(failed.Error, Color.Red);
                _steps[failed.Step.Id].Status = failed.WillRetry ? StepStatus.Waiting : StepStatus.Failed;
                break;
            case TextEvent { StepId: null } piece:
                _answer.Append(piece.Text);
                break;
            case WorkflowOutputEvent { Data: Qwen3WorkflowResult result }:
                End(result);
                break;
            case WorkflowErrorEvent error:
                _end = error.Exception?.Message;
                break;
        }
    }

    /// <param name="isWhole">Whether all the reasoning is shown, and not its last lines only.</param>
    public IRenderable Render(bool isWhole)
    {
        List<IRenderable> parts = [];
        if (_goal is not null)
        {
            parts.Add(new Text(_goal));
        }

        if (_reasoning.Length > 0)
        {
            string reasoning = isWhole || _reasoning.Length <= 400 ? $"{_reasoning}" : $"… {_reasoning.ToString(_reasoning.Length - 400, 400)}";
            parts.Add(new Text(reasoning, new Style(decoration: Decoration.Dim)));
        }

        if (_steps.Count > 0)
        {
            var tree = new Tree(new Text("Plan", new Style(decoration: Decoration.Bold)));
            tree.AddNodes(_steps.Values.Select(step => step.ToNode()));
            parts.Add(tree);
        }

        if (_answer.Length > 0)
        {
            parts.Add(new Text($"{_answer}", new Style(decoration: Decoration.Bold)));
        }

        if (_end is not null)
        {
            parts.Add(new Text(_end, new Style(decoration: Decoration.Dim)));
        }

        return new Rows(parts);
    }

    /// <summary>What of a plan before this one has not begun is not shown any more.</summary>
    private void SetPlan(Plan plan)
    {
        foreach (int id in _steps.Where(step => !step.Value.HasBegun).Select(step => step.Key).ToArray())
        {
            _steps.Remove(id);
        }

        foreach (PlanStep step in plan.Steps)
        {
            StepOf(step);
        }
    }

    private void Resume(IEnumerable<StepResult> steps)
    {
        foreach (StepResult step in steps)
        {
            StepView view = StepOf(step.Step);
            view.Status = step.Status;
            if ((step.Result ?? step.Error) is { } line)
            {
                view.Add(line, step.Result is null ? Color.Red : null);
            }
        }
    }

    private StepView StepOf(PlanStep step) => _steps.TryGetValue(step.Id, out StepView? view) ? view : _steps[step.Id] = new(step);

    private void End(Qwen3WorkflowResult result)
    {
        foreach (StepResult step in result.Steps)
        {
            StepOf(step.Step).Status = step.Status;
        }

        _answer.Clear().Append(result.Answer);
        _end = $"tokens: {Wording.Of(result)}";
    }
}
