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
            case PlanMadeEvent made:
                SetPlan(made.Plan);
                break;
            case ReplannedEvent made:
                SetPlan(made.Plan);
                break;
            case StepStartedEvent started:
                StepOf(started.Step).Status = StepStatus.Running;
                break;
            case CallEvent made:
                _steps[made.StepId].Add($"calls {Wording.Of(made.Call)}", Color.Blue);
                break;
            case ResultEvent back:
                _steps[back.StepId].Add($"{back.Result.Result}", back.HasFailed ? Color.Red : Color.Aqua);
                break;
            case StepDoneEvent done:
                StepOf(done.Step).Add(done.Result);
                StepOf(done.Step).Status = StepStatus.Done;
                break;
            case StepFailedEvent failed:
                StepOf(failed.Step).Add(failed.Error, Color.Red);
                StepOf(failed.Step).Status = failed.WillRetry ? StepStatus.Waiting : StepStatus.Failed;
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

    private void SetPlan(Plan plan)
    {
        foreach (PlanStep step in plan.Steps)
        {
            StepOf(step);
        }
    }

    /// <summary>A run that was resumed does not tell its plan again: its steps are seen as they start, and all of them at the end.</summary>
    private StepView StepOf(PlanStep step) => _steps.TryGetValue(step.Id, out StepView? view) ? view : _steps[step.Id] = new(step);

    private void End(Qwen3WorkflowResult result)
    {
        foreach (StepResult step in result.Steps)
        {
            StepOf(step.Step).Status = step.Status;
        }

        _answer.Clear().Append(result.Answer);
        _end = $"{result.Tokens} tokens in {result.Time.TotalSeconds:0.0} s";
    }
}
