using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>
/// The state of the run for one goal. It is immutable and passed from executor to executor, so that a checkpoint is consistent.
/// </summary>
internal sealed record RunState(string Goal) : IJsonOnDeserialized
{
    /// <summary>Which of the goals of its session it is for, from 1.</summary>
    public int GoalNumber { get; init; }

    /// <summary>What was said before the goal.</summary>
    public ImmutableArray<ChatMessage> History { get; init; } = [];

    public ImmutableArray<StepState> Steps { get; init; } = [];

    public int Replans { get; init; }

    /// <summary>What all requests together took.</summary>
    public UsageDetails Usage { get; init; } = new();

    public TimeSpan Elapsed { get; init; }

    public StopReason? Stop { get; init; }

    public string? StopMessage { get; init; }

    /// <summary>Whether whoever began it wants the answer in the form in which agents answer.</summary>
    public bool AnswersAsAgent { get; init; }

    /// <summary>The trace that its spans belong to.</summary>
    public string? Trace { get; init; }

    /// <summary>The steps that count: those of the plan that is being carried out, and those that earlier ones left as done.</summary>
    [JsonIgnore]
    public IEnumerable<StepState> Current => Steps.Where(step => !step.IsReplaced);

    /// <summary>Whether a person is being asked about a call.</summary>
    [JsonIgnore]
    public bool IsAsking => Steps.Any(step => step.Status == StepStatus.AwaitingApproval);

    /// <summary>The tokens that the models computed.</summary>
    [JsonIgnore]
    public long Tokens => Usage.ComputedTokens();

    [JsonIgnore]
    public Plan Plan => new(Goal, [.. Current.Select(step => step.Step)]);

    public StepState this[int id] => Steps.First(step => step.Step.Id == id);

    /// <summary>Returns the step that waits for a response to an approval request, if one does.</summary>
    public StepState? StepOfRequest(string requestId) => Steps.FirstOrDefault(step =>
        step.Status == StepStatus.AwaitingApproval && step.Turns[^1].Requests.ContainsKey(requestId));

    public RunState With(StepState changed) => this with { Steps = Steps.SetItem(Steps.IndexOf(this[changed.Step.Id]), changed) };

    public RunState Stopped(StopReason reason, string message) => this with { Stop = reason, StopMessage = message };

    public RunState StoppedByTime(WorkflowLimits limits, string when) => Stopped(
        StopReason.Time, $"The time was up ({limits.MaxTime}) {when}. Raise WorkflowLimits.MaxTime if it needs more.");

    public RunState Used(UsageDetails? usage)
    {
        if (usage is null)
        {
            return this;
        }

        var sum = new UsageDetails();
        sum.Add(Usage);
        sum.Add(usage);
        return this with { Usage = sum };
    }

    /// <summary>What is remembered when the work has ended.</summary>
    public RunState WithoutConversations() => this with { History = [], Steps = [.. Steps.Select(step => step with { Turns = [] })] };

    public ImmutableArray<StepResult> StepResults() => [.. Steps.Select(step => step.ToResult())];

    public Qwen3WorkflowResult ToResult(string answer) => new(Goal, answer, StepResults(), Stop, Replans, Usage, Elapsed);

    public IEnumerable<(int Id, string Result)> Results() =>
        Current.Where(step => step.Status == StepStatus.Done).Select(step => (step.Step.Id, step.Result!));

    /// <summary>Returns the results, and for steps that a person refused that they were not done.</summary>
    public IEnumerable<(int Id, string Result)> Outcomes() => Current.Where(step => step.HasEnded).Select(step =>
        (step.Step.Id, step.Status == StepStatus.Refused ? $"NOT DONE: {step.Step.Task}. {step.Error}" : step.Result!));

    /// <summary>Returns the outcomes that a step depends on.</summary>
    public IEnumerable<(int Id, string Result)> OutcomesFor(PlanStep step) =>
        Outcomes().Where(outcome => step.DependsOn.Contains(outcome.Id));

    public bool IsReady(StepState step) =>
        step.Status == StepStatus.Waiting && step.Step.DependsOn.All(id => this[id].HasEnded);

    /// <summary>
    /// Reads a plan for what is left. Its steps are told what is done already, so that they need not depend on it. An id that a step of the plan and one
    /// that is done have in common means the plan's, but where a step would depend on itself.
    /// </summary>
    public Plan Read(Plan plan)
    {
        HashSet<int> done = [.. Outcomes().Select(outcome => outcome.Id)];
        HashSet<int> own = [.. plan.Steps.Select(step => step.Id)];
        return plan with
        {
            Steps = [.. plan.Steps.Select(step => step with { DependsOn = [.. step.DependsOn.Where(id => !IsDone(step, id))] })],
        };

        bool IsDone(PlanStep step, int id) => done.Contains(id) && (!own.Contains(id) || id == step.Id);
    }

    /// <summary>Lets the ids of a plan for what is left go on where those before ended.</summary>
    public Plan Number(Plan plan)
    {
        if (Steps.IsEmpty)
        {
            return plan;
        }

        int last = Steps.Max(step => step.Step.Id);
        Dictionary<int, int> ids = plan.Steps.Select((step, index) => (step.Id, New: last + 1 + index)).ToDictionary();
        return plan with { Steps = [.. plan.Steps.Select(step => new PlanStep(ids[step.Id], step.Task, [.. step.DependsOn.Select(id => ids[id])]))] };
    }

    /// <summary>Puts a plan in the place of what is left. Its steps are told all that is known already.</summary>
    public RunState WithPlan(Plan plan)
    {
        int[] done = [.. Outcomes().Select(outcome => outcome.Id)];
        return this with
        {
            Steps =
            [
                .. Steps.Select(step => step.HasEnded ? step : step.Replaced()),
                .. Number(plan).Steps.Select(step => new StepState(step with { DependsOn = [.. done, .. step.DependsOn] })),
            ],
        };
    }

    void IJsonOnDeserialized.OnDeserialized()
    {
        Stored.Require(Goal is not null, "A goal is missing.");
        Stored.Require(!History.IsDefault && !History.Contains(null!), "What was said before a goal is missing.");
        Stored.Require(!Steps.IsDefault && !Steps.Contains(null!), "The steps of a plan are missing.");
        Stored.Require(Usage is not null, "The usage is missing.");
        Stored.Require(
            Replans >= 0 && Elapsed >= TimeSpan.Zero && (Stop is not { } stop || Enum.IsDefined(stop)), "A number is out of range.");
        var plan = new Plan(Goal, [.. Steps.Select(step => step.Step)]);
        string? finding = PlanChecks.Dependencies(plan).FirstOrDefault();
        Stored.Require(finding is null, finding!);
    }
}
