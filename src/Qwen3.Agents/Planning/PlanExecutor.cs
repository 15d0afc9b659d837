using System.Diagnostics;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>Queues goals, requests plans from the planner, has a person review them, and stores the conversation.</summary>
internal sealed class PlanExecutor(string id, WorkflowSetup setup) : Executor(id), IAsyncDisposable
{
    private const string StateKey = "plan";

    private readonly CancellationTokenSource _ended = new();
    private readonly PlannerInvoker _asker = new(setup);
    private PlanProgress _progress = new();
    private Activity? _workflow;

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync().ConfigureAwait(false);
        _workflow?.Dispose();
    }

    /// <summary>A text is a goal to begin with at once; messages wait for a turn token, as is usual for agents in workflows.</summary>
    protected override ProtocolBuilder ConfigureProtocol(ProtocolBuilder protocolBuilder) => protocolBuilder
        .ConfigureRoutes(routes => routes
            .AddHandler<string>((goal, context, cancellationToken) =>
            {
                Gather([new(ChatRole.User, goal)]);
                return TakeTurnAsync(answersAsAgent: false, context, cancellationToken);
            })
            .AddHandler<ChatMessage>((message, _) => Gather([message]))
            .AddHandler<List<ChatMessage>>((messages, _) => Gather(messages))
            .AddHandler<ChatMessage[]>((messages, _) => Gather(messages))
            .AddHandler<IEnumerable<ChatMessage>>((messages, _) => Gather(messages))
            .AddHandler<TurnToken>((token, context, cancellationToken) => TakeTurnAsync(token.EmitEvents is true, context, cancellationToken))
            .AddHandler<PlanTurn>(ReplanAsync)
            .AddHandler<PlanDecision>(DecideAsync)
            .AddHandler<TurnEnd>(EndAsync))
        .SendsMessage<StepsTurn>().SendsMessage<AnswerTurn>().SendsMessage<PlanReview>().SendsMessage<ReplayResult>();

    protected override ValueTask OnCheckpointingAsync(IWorkflowContext context, CancellationToken cancellationToken = default) =>
        context.QueueStateUpdateAsync(StateKey, _progress, cancellationToken);

    protected override async ValueTask OnCheckpointRestoredAsync(IWorkflowContext context, CancellationToken cancellationToken = default)
    {
        _progress = await context.ReadStateAsync<PlanProgress>(StateKey, cancellationToken).ConfigureAwait(false) ?? new();
        ReplayResult? again = _progress switch
        {
            { InReview: { } state } => new(state, null, Halts: false),
            { Goal: null, Last: { } end } => new(end.State, end.Answer, _progress.IsAsking),
            _ => null,
        };
        if (again is not null && setup.Resumption is not null)
        {
            await context.SendMessageAsync(again, ExecutorIds.Answer, cancellationToken).ConfigureAwait(false);
        }
    }

    private void Gather(IEnumerable<ChatMessage> messages) => _progress = _progress with { Incoming = [.. _progress.Incoming, .. messages] };

    private async ValueTask TakeTurnAsync(bool answersAsAgent, IWorkflowContext context, CancellationToken cancellationToken)
    {
        _progress = _progress.WithTurn(answersAsAgent, out QueuedGoal? goal);
        if (goal is null)
        {
            // The turn of an agent that has been brought what a person answers.
            return;
        }

        if (_progress.Goal is not { } current)
        {
            await BeginAsync(context, cancellationToken).ConfigureAwait(false);
            return;
        }

        await context.AddEventAsync(new GoalQueuedEvent(goal.Goal), cancellationToken).ConfigureAwait(false);
        if (answersAsAgent)
        {
            string text = $"Another goal is still worked on (\"{current}\"). This one is begun after it. If you have been asked something, answer that first.";
            await new AgentAnswer(Id, setup.Options.Name).ShowAsync(context, text, cancellationToken).ConfigureAwait(false);
        }
    }

    private ValueTask BeginAsync(IWorkflowContext context, CancellationToken cancellationToken)
    {
        QueuedGoal next = _progress.Waiting[0];
        _progress = _progress.WithNextGoal();
        _workflow = setup.Telemetry.StartWorkflow(setup.Options.Name);
        var state = new RunState(next.Goal)
        {
            GoalNumber = _progress.Goals,
            History = _progress.History,
            AnswersAsAgent = next.AnswersAsAgent,
            Trace = _workflow?.Id,
        };
        return PlanAsync(state, Conversation.OfPlan(state), context, cancellationToken);
    }

    private ValueTask ReplanAsync(PlanTurn turn, IWorkflowContext context, CancellationToken cancellationToken)
    {
        RunState state = turn.State with { Replans = turn.State.Replans + 1 };
        return PlanAsync(state, Conversation.OfReplan(setup.Prompts, state), context, cancellationToken);
    }

    private async ValueTask PlanAsync(RunState state, List<ChatMessage> messages, IWorkflowContext context, CancellationToken cancellationToken)
    {
        await setup.ReportResumedAsync(state, context, cancellationToken).ConfigureAwait(false);
        PlanOutcome outcome = await _asker.AskAsync(state, messages, context, _ended.Token, cancellationToken).ConfigureAwait(false);
        await (outcome.Plan is not { } plan ? StopAsync(outcome.State, context, cancellationToken)
            : setup.Options.ReviewPlans ? ReviewAsync(outcome.State, outcome.State.Number(plan), outcome.Reasoning, context, cancellationToken)
            : AcceptAsync(outcome.State, plan, context, cancellationToken)).ConfigureAwait(false);
    }

    private ValueTask ReviewAsync(RunState state, Plan plan, string reasoning, IWorkflowContext context, CancellationToken cancellationToken)
    {
        _progress = _progress with { InReview = state, ReviewedPlan = plan };
        return context.SendMessageAsync(new PlanReview(plan, reasoning), ExecutorIds.PlanReview, cancellationToken);
    }

    private ValueTask DecideAsync(PlanDecision decision, IWorkflowContext context, CancellationToken cancellationToken)
    {
        if (_progress is not { InReview: { } state, ReviewedPlan: { } reviewed })
        {
            return default;
        }

        _progress = _progress with { InReview = null, ReviewedPlan = null };
        Plan plan = decision.Plan is { } edited ? state.Read(edited with { Goal = state.Goal }) : reviewed;
        if (decision.IsApproved)
        {
            IReadOnlyList<string> findings = plan.Check(setup.Limits.MaxSteps);
            return findings.Count == 0
                ? AcceptAsync(state, plan, context, cancellationToken)
                : ReviewAsync(state, plan, string.Join(' ', findings), context, cancellationToken);
        }

        if (string.IsNullOrWhiteSpace(decision.Feedback) || state.Replans >= setup.Limits.MaxReplans)
        {
            string message = string.IsNullOrWhiteSpace(decision.Feedback)
                ? "The plan was refused."
                : $"The plan was refused, and a new one was made as often as is allowed ({setup.Limits.MaxReplans}).";
            return StopAsync(state.Stopped(StopReason.PlanRefused, message), context, cancellationToken);
        }

        string request = AgentPrompts.Fill(setup.Prompts.Feedback, ("feedback", decision.Feedback));
        List<ChatMessage> messages = state.Steps.IsEmpty
            ? Conversation.OfNextPlan(state, reviewed, request)
            : [.. Conversation.OfReplan(setup.Prompts, state), new(ChatRole.Assistant, reviewed.ToJson()), new(ChatRole.User, request)];
        return PlanAsync(state with { Replans = state.Replans + 1 }, messages, context, cancellationToken);
    }

    private async ValueTask AcceptAsync(RunState state, Plan plan, IWorkflowContext context, CancellationToken cancellationToken)
    {
        bool isFirst = state.Steps.Length == 0;
        RunState planned = state.WithPlan(plan);
        int steps = planned.Steps.Count(step => step.Status != StepStatus.Dropped);
        if (steps > setup.Limits.MaxSteps)
        {
            string message = $"It would take {steps} steps, and {setup.Limits.MaxSteps} are allowed. Raise WorkflowLimits.MaxSteps if it needs more.";
            await StopAsync(state.Stopped(StopReason.Steps, message), context, cancellationToken).ConfigureAwait(false);
            return;
        }

        Qwen3WorkflowEvent made = isFirst ? new PlanCreatedEvent(planned.Plan) : new ReplannedEvent(planned.Plan);
        await context.AddEventAsync(made, cancellationToken).ConfigureAwait(false);
        await context.SendMessageAsync(new StepsTurn(planned), ExecutorIds.Steps, cancellationToken).ConfigureAwait(false);
    }

    private static ValueTask StopAsync(RunState state, IWorkflowContext context, CancellationToken cancellationToken) =>
        context.SendMessageAsync(new AnswerTurn(state), ExecutorIds.Answer, cancellationToken);

    private async ValueTask EndAsync(TurnEnd end, IWorkflowContext context, CancellationToken cancellationToken)
    {
        // What a person has refused is no error.
        if (end.State.Stop is { } reason and not StopReason.PlanRefused)
        {
            _workflow?.SetStatus(ActivityStatusCode.Error, end.State.StopMessage);
        }

        _workflow?.Dispose();
        _workflow = null;
        _progress = _progress.WithEnd(end);
        // The workflow would be taken to wait for that answer.
        bool halts = _progress.IsAsking && _progress.Waiting.IsEmpty;
        if (setup.Resumption is { IsReported: false })
        {
            // The answer was there when the process ended, and whoever waits for it may have gone with that.
            await context.SendMessageAsync(new ReplayResult(end.State, end.Answer, halts), ExecutorIds.Answer, cancellationToken).ConfigureAwait(false);
            halts = false;
        }

        if (_progress.Waiting.Length > 0)
        {
            await BeginAsync(context, cancellationToken).ConfigureAwait(false);
        }
        else if (halts)
        {
            await context.RequestHaltAsync().ConfigureAwait(false);
        }
    }
}
