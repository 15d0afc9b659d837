using System.Collections.Concurrent;
using Microsoft.Agents.AI;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents.Tests;

/// <summary>The ids of calls come from a model or a server: whatever they are, each call has its own approval and result.</summary>
public sealed class CallIdTests
{
    private static readonly string[] s_ids = ["", "call_0", "call_1", "0", " ", "цѐ\n\"", new('x', 5_000)];

    private readonly ConcurrentQueue<string> _executed = [];
    private readonly AIFunction _send;

    public CallIdTests() => _send = AIFunctionFactory.Create(
        (string to) =>
        {
            _executed.Enqueue(to);
            return $"sent to {to}";
        },
        "send");

    [Theory]
    [InlineData("call_0", "call_0")]
    [InlineData("", "")]
    [InlineData("call_1", "call_0")]
    public async Task Of_two_calls_only_the_approved_one_is_executed(string firstId, string secondId)
    {
        using Qwen3Workflow workflow = Create((messages, _) => messages.Any(message => message.Role == ChatRole.Tool)
            ? [new TextContent("Done.")]
            : [Call(firstId, "Anna"), Call(secondId, "Ben")]);
        List<WorkflowEvent> events = await workflow.WatchAsync("Write", request => Decide(request, to => to == "Ben"));

        Assert.Equal(["Ben"], _executed);
        string[] called = [.. events.OfType<CallEvent>().Select(e => e.Call.CallId)];
        Assert.Equal(2, called.Distinct().Count());
        Assert.Equal(["refused", "sent to Ben"], called.Select(id => Told(events.OfType<ResultEvent>().Single(e => e.Result.CallId == id).Result)));
    }

    [Fact]
    public async Task An_executor_alone_executes_only_the_approved_one_of_two_calls_with_the_same_id()
    {
        var executor = new ExecutorAgent(
            new ScriptedClient(messages => messages.Any(message => message.Role == ChatRole.Tool)
                ? [new TextContent("Done.")]
                : [Call("call_0", "Anna"), Call("call_0", "Ben")]),
            new() { Tools = [new ApprovalRequiredAIFunction(_send)] });
        AgentSession session = await executor.CreateSessionAsync();
        AgentResponse asking = await executor.RunAsync("Write", session);
        AIContent[] decisions =
        [
            .. asking.Messages.SelectMany(message => message.Contents).OfType<ToolApprovalRequestContent>()
                .Select(request => request.CreateResponse(To((FunctionCallContent)request.ToolCall) == "Ben")),
        ];
        Assert.Equal(2, decisions.Length);
        await executor.RunAsync(new ChatMessage(ChatRole.User, decisions), session);
        Assert.Equal(["Ben"], _executed);
    }

    [Fact]
    public async Task As_an_agent_it_executes_only_the_approved_one_of_two_calls_with_the_same_id()
    {
        using Qwen3Workflow workflow = Create((messages, _) => messages.Any(message => message.Role == ChatRole.Tool)
            ? [new TextContent("Done.")]
            : [Call("call_0", "Anna"), Call("call_0", "Ben")]);
        AIAgent agent = workflow.AsAIAgent();
        AgentSession session = await agent.CreateSessionAsync();
        AgentResponse asking = await agent.RunAsync("Write", session);
        AIContent[] decisions =
        [
            .. asking.Messages.SelectMany(message => message.Contents).OfType<ToolApprovalRequestContent>()
                .Select(request => request.CreateResponse(To((FunctionCallContent)request.ToolCall) == "Ben")),
        ];
        Assert.Equal(2, decisions.Length);
        await agent.RunAsync(new ChatMessage(ChatRole.User, decisions), session);
        Assert.Equal(["Ben"], _executed);
    }

    [Fact]
    public async Task A_call_that_the_client_has_executed_itself_is_not_executed_again()
    {
        using Qwen3Workflow workflow = Create((_, _) => [Call("call_0", "Anna", isInformational: true), new TextContent("Done.")]);
        List<WorkflowEvent> events = await workflow.WatchAsync("Write");
        Assert.Empty(_executed);
        Assert.Equal("Done.", events.Result().Steps[0].Result);
    }

    [Fact]
    public async Task Whatever_the_ids_are_each_approved_call_is_executed_once_and_no_refused_one()
    {
        int seed = Environment.TickCount;
        TestContext.Current.SendDiagnosticMessage($"seed {seed}");
        var random = new Random(seed);
        for (int round = 0; round < 30; round++)
        {
            await RunRandomAsync(random, resumes: false, $"seed {seed}, round {round}");
        }
    }

    [Fact]
    public async Task Whatever_the_ids_are_a_run_that_is_resumed_executes_no_refused_call()
    {
        int seed = Environment.TickCount;
        TestContext.Current.SendDiagnosticMessage($"seed {seed}");
        var random = new Random(seed);
        for (int round = 0; round < 30; round++)
        {
            await RunRandomAsync(random, resumes: true, $"seed {seed}, round {round}");
        }
    }

    private static FunctionCallContent Call(string id, string to, bool isInformational = false) =>
        new(id, "send", new Dictionary<string, object?> { ["to"] = to }) { InformationalOnly = isInformational };

    private static string To(FunctionCallContent call) => $"{call.Arguments!["to"]}";

    private static string Told(FunctionResultContent result) =>
        $"{result.Result}" is var text && text.Contains("refused") ? "refused" : text;

    private static ExternalResponse Decide(ExternalRequest request, Func<string, bool> decide)
    {
        Assert.True(request.TryGetDataAs(out ToolApprovalRequestContent? approval));
        return request.CreateResponse(approval.CreateResponse(decide(To(Assert.IsType<FunctionCallContent>(approval.ToolCall)))));
    }

    /// <summary>Several steps with several rounds of several calls, whose ids are chosen from few.</summary>
    private async Task RunRandomAsync(Random random, bool resumes, string context)
    {
        _executed.Clear();
        int salt = random.Next();
        int steps = random.Next(1, 4);
        int[] rounds = [.. Enumerable.Range(0, steps).Select(_ => random.Next(1, 4))];
        int[] calls = [.. Enumerable.Range(0, steps).Select(_ => random.Next(1, 4))];
        string[] tasks = [.. Enumerable.Range(0, steps).Select(step => $"task {step}")];
        ConcurrentBag<string> wrong = [];
        var store = new MemoryStore();

        using var workflow = new Qwen3Workflow(ScriptedClient.Planning(tasks), new ScriptedClient(Answer), new()
        {
            Tools = [new ApprovalRequiredAIFunction(_send)],
            Checkpoints = WorkflowCheckpoints.In(store),
            Limits = { MaxReplans = 0, MaxAttempts = 1 },
        });
        StreamingRun run = await workflow.RunStreamingAsync("Write", "session");
        List<WorkflowEvent> events = [];
        bool isOver = false;
        while (!isOver)
        {
            isOver = true;
            await using (run)
            {
                await foreach (WorkflowEvent happened in run.WatchStreamAsync(TestContext.Current.CancellationToken))
                {
                    events.Add(happened);
                    Assert.False(happened is WorkflowErrorEvent, $"{context}: {(happened as WorkflowErrorEvent)?.Exception}");
                    if (happened is RequestInfoEvent { Request: { } request })
                    {
                        if (resumes && random.Next(4) == 0)
                        {
                            isOver = false;
                            break;
                        }

                        await run.SendResponseAsync(Decide(request, IsApproved));
                    }
                }
            }

            if (!isOver)
            {
                run = await workflow.ResumeStreamingAsync("session");
            }
        }

        string[] all = [.. tasks.SelectMany((task, step) => Enumerable.Range(0, rounds[step]).SelectMany(round =>
            Enumerable.Range(0, calls[step]).Select(call => Name(step, round, call))))];
        Assert.True(wrong.IsEmpty, $"{context}: {string.Join(", ", wrong)}");
        Assert.DoesNotContain(_executed, to => !IsApproved(to));
        string[] expected = [.. all.Where(IsApproved).Order(StringComparer.Ordinal)];
        IEnumerable<string> executed = resumes ? _executed.Distinct() : _executed;
        Assert.Equal(expected, executed.Order(StringComparer.Ordinal));
        // Of a step, its last calls count.
        Assert.Equal(
            tasks.Select((_, step) => Enumerable.Range(0, calls[step]).All(call => IsApproved(Name(step, rounds[step] - 1, call)))
                ? StepStatus.Done : StepStatus.Refused),
            events.OfType<WorkflowOutputEvent>()
                .Select(output => output.Data).OfType<Qwen3WorkflowResult>().Last().Steps.Select(step => step.Status));

        string Name(int step, int round, int call) => $"person {step}.{round}.{call}";

        // Not the hash codes of .NET, which differ from process to process.
        int Mix(IEnumerable<int> values) => (int)(values.Aggregate((uint)salt, (mix, value) => (mix ^ (uint)value) * 2654435761u) >> 8);

        bool IsApproved(string to) => Mix(to.Select(letter => (int)letter)) % 3 != 0;

        IList<AIContent> Answer(IReadOnlyList<ChatMessage> messages)
        {
            if (messages.FirstOrDefault(message => message.Text.StartsWith("task ", StringComparison.Ordinal)) is not { } asked)
            {
                return [new TextContent("Answer.")];
            }

            int step = int.Parse(asked.Text.Split(' ')[1]);
            ChatMessage[] told = [.. messages.Where(message => message.Role == ChatRole.Tool)];
            for (int round = 0; round < told.Length; round++)
            {
                // The results are in the order of the calls, each under its call's id.
                string[] ids = [.. messages.Where(message => message.Contents.OfType<FunctionCallContent>().Any())
                    .ElementAt(round).Contents.OfType<FunctionCallContent>().Select(call => call.CallId)];
                string[] results = [.. told[round].Contents.OfType<FunctionResultContent>().Select(Told)];
                string[] right = [.. Enumerable.Range(0, calls[step]).Select(call => Name(step, round, call))
                    .Select(to => IsApproved(to) ? $"sent to {to}" : "refused")];
                if (!results.SequenceEqual(right) || !ids.SequenceEqual(told[round].Contents.OfType<FunctionResultContent>().Select(r => r.CallId)))
                {
                    wrong.Add($"step {step}, round {round}: {string.Join(", ", results)} instead of {string.Join(", ", right)}");
                }
            }

            return told.Length == rounds[step]
                ? [new TextContent("Done.")]
                : [.. Enumerable.Range(0, calls[step]).Select(call =>
                    (AIContent)Call(s_ids[Mix([step, call]) % s_ids.Length], Name(step, told.Length, call)))];
        }
    }

    private Qwen3Workflow Create(Func<IReadOnlyList<ChatMessage>, int, IList<AIContent>> answer)
    {
        int requests = 0;
        return new(
            ScriptedClient.Planning("Write to both"),
            new ScriptedClient(messages => answer(messages, requests++)),
            new() { Tools = [new ApprovalRequiredAIFunction(_send)], Limits = { MaxReplans = 0, MaxAttempts = 1 } });
    }
}
