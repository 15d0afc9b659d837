using System.Text;
using Microsoft.Agents.AI.Workflows;
using Qwen3.Agents;

namespace PlanAndExecute.Display;

/// <summary>A line for each thing that happens. What a step writes is shown when all of it is there, for several write at the same time.</summary>
internal sealed class PlainDisplay : IDisplay
{
    private readonly Dictionary<int, StringBuilder> _reasoning = [];
    private string? _plan;
    private string? _open;
    private bool _isAnswered;

    public void Show(WorkflowEvent happened)
    {
        switch (happened)
        {
            case ReasoningEvent { StepId: null } piece:
                WritePiece("thinks", piece.Text);
                break;
            case ReasoningEvent { StepId: { } id } piece:
                (_reasoning.TryGetValue(id, out StringBuilder? thought) ? thought : _reasoning[id] = new()).Append(piece.Text);
                break;
            case RequestInfoEvent { Request: { } request } when Question.Of<PlanReview>(request) is { } review:
                WritePlan(review.Plan);
                break;
            case ResumedEvent resumed:
                WriteLine("goal", resumed.Plan.Goal);
                WritePlan(resumed.Plan);
                foreach (StepResult step in resumed.Steps.Where(step => step.Status is StepStatus.Done or StepStatus.Refused))
                {
                    WriteStep(step.Step.Id, step.Status == StepStatus.Done ? $"done    {step.Result}" : $"refused {step.Error}");
                }

                break;
            case PlanCreatedEvent made:
                WritePlan(made.Plan);
                break;
            case ReplannedEvent made:
                WritePlan(made.Plan);
                break;
            case StepStartedEvent started:
                WriteStep(started.Step.Id, started.Attempt == 1 ? "running" : $"running, attempt {started.Attempt}");
                break;
            case CallEvent made:
                WriteStep(made.StepId, $"calls   {Wording.Of(made.Call)}");
                break;
            case ResultEvent back:
                WriteStep(back.StepId, $"result  {back.Result.Result}");
                break;
            case StepDoneEvent done:
                WriteStep(done.Step.Id, $"done    {done.Result}");
                break;
            case StepRefusedEvent refused:
                WriteStep(refused.Step.Id, $"refused {refused.Reason}");
                break;
            case StepFailedEvent failed:
                WriteStep(failed.Step.Id, $"failed  {failed.Error}");
                break;
            case TextEvent { StepId: null } piece:
                WritePiece("answer", piece.Text);
                _isAnswered = true;
                break;
            case WorkflowOutputEvent { Data: Qwen3WorkflowResult result }:
                // A run that had ended already tells its answer at once.
                if (result.StopReason is not null || !_isAnswered)
                {
                    WriteLine("answer", result.Answer);
                }

                WriteLine("tokens", Wording.Of(result));
                break;
            case WorkflowErrorEvent error:
                WriteLine("error", error.Exception?.Message);
                break;
        }
    }

    public ValueTask PauseAsync()
    {
        EndLine();
        return default;
    }

    public ValueTask DisposeAsync() => PauseAsync();

    private void WritePlan(Plan plan)
    {
        // One that a person was asked about is there already.
        if (plan.Steps.Length > 0 && plan.ToJson() != _plan)
        {
            _plan = plan.ToJson();
            WriteLine("plan", string.Join('\n', plan.Steps.Select(Wording.Of)));
        }
    }

    private void WriteStep(int id, string text)
    {
        if (_reasoning.Remove(id, out StringBuilder? thought))
        {
            WriteLine($"step {id}", $"thinks  {thought}");
        }

        WriteLine($"step {id}", text);
    }

    private void WriteLine(string label, string? text)
    {
        EndLine();
        WritePiece(label, text);
        EndLine();
    }

    private void WritePiece(string label, string? text)
    {
        if (label != _open)
        {
            EndLine();
            _open = label;
            Console.Write($"{label,-8}");
        }

        Console.Write(text?.ReplaceLineEndings($"\n{"",8}"));
    }

    private void EndLine()
    {
        if (_open is not null)
        {
            Console.WriteLine();
            _open = null;
        }
    }
}
