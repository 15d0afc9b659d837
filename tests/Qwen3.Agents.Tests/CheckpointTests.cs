using System.Diagnostics;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Agents.AI.Workflows.Checkpointing;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents.Tests;

/// <summary>A workflow goes on where it was, in this process or in another, and does nothing twice.</summary>
public sealed class CheckpointTests(AgentModels models) : IDisposable
{
    private const string Answer = "It is sunny in Paris with 21 degrees. It is sunny in Rome with 21 degrees.";
    private static readonly string[] s_calls =
        ["send Anna: It is sunny in Paris with 21 degrees. It is sunny in Rome with 21 degrees.", "weather Paris", "weather Rome"];

    private readonly string _folder = Directory.CreateTempSubdirectory("qwen3-agents-").FullName;
    private readonly NanoFunctions _functions = new();

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 4)]
    public async Task What_a_killed_process_had_done_is_not_done_again(int results, int parallelSteps)
    {
        string folder = AppContext.BaseDirectory.Replace("Qwen3.Agents.Tests", Path.Combine("Programs", "KilledWorkflow"));
        string program = Path.Combine(folder, "KilledWorkflow.dll");
        var start = new ProcessStartInfo("dotnet", [program, _folder, "session", $"{results}", $"{parallelSteps}"]) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string[] before = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.NotEqual(0, process.ExitCode);
        Assert.Equal(results, before.Length);

        using var store = new FileSystemJsonCheckpointStore(new(_folder));
        using Qwen3Workflow workflow = NanoWorkflow.Create(models, _functions, options => options.Checkpoints = WorkflowCheckpoints.In(store));
        await using StreamingRun run = await workflow.ResumeStreamingAsync("session");
        List<WorkflowEvent> events = await run.WatchAsync();

        Qwen3WorkflowResult result = events.Result();
        Assert.Null(result.StopReason);
        Assert.StartsWith(Answer, result.Answer);
        Assert.All(result.Steps, step => Assert.Equal(1, step.Attempts));
        Assert.Equal(s_calls, before.Concat(_functions.Calls).Order());
        Assert.DoesNotContain(events, happened => happened is PlanCreatedEvent);
    }

    [Fact]
    public async Task From_each_checkpoint_it_comes_to_the_same_end()
    {
        using var store = new FileSystemJsonCheckpointStore(new(_folder));
        CheckpointManager checkpoints = WorkflowCheckpoints.In(store);
        using Qwen3Workflow workflow = NanoWorkflow.Create(models, _functions, options =>
        {
            options.Checkpoints = checkpoints;
            options.Limits.MaxParallelSteps = 1;
        });
        List<CheckpointInfo> points = [];
        await using (StreamingRun run = await workflow.RunStreamingAsync(Goals.TwoThenSend, "session"))
        {
            points.AddRange((await run.WatchAsync()).OfType<SuperStepCompletedEvent>().Select(step => step.CompletionInfo!.Checkpoint!));
        }

        Assert.Equal(s_calls, _functions.Calls.Order());
        // The last ones come after the answer.
        foreach (CheckpointInfo point in points[..^2].Where((_, index) => index % 4 == 1))
        {
            string stored = (await store.RetrieveCheckpointAsync("session", point)).GetRawText();
            int weather = stored.Split("sunny, 21 degrees").Length - 1, sent = stored.Split("Message sent to Anna.").Length - 1;
            _functions.Calls.Clear();
            await using StreamingRun run = await InProcessExecution.Concurrent.WithCheckpointing(checkpoints)
                .ResumeStreamingAsync(workflow.Workflow, point, TestContext.Current.CancellationToken);
            Qwen3WorkflowResult result = (await run.WatchAsync()).Result();
            Assert.Null(result.StopReason);
            Assert.StartsWith(Answer, result.Answer);
            Assert.Equal(2 - weather, _functions.Calls.Count(call => call.StartsWith("weather")));
            Assert.Equal(1 - sent, _functions.Calls.Count(call => call.StartsWith("send")));
        }
    }

    [Fact]
    public async Task A_checkpoint_that_was_half_written_is_passed_over()
    {
        using var store = new FileSystemJsonCheckpointStore(new(_folder));
        using Qwen3Workflow workflow = NanoWorkflow.Create(models, _functions, options => options.Checkpoints = WorkflowCheckpoints.In(store));
        await using (StreamingRun run = await workflow.RunStreamingAsync(Goals.TwoThenSend, "session"))
        {
            List<WorkflowEvent> events = await run.WatchAsync();
            foreach (SuperStepCompletedEvent step in events.OfType<SuperStepCompletedEvent>().Skip(1))
            {
                string file = Assert.Single(Directory.GetFiles(_folder, $"*{step.CompletionInfo!.Checkpoint!.CheckpointId}*"));
                File.WriteAllText(file, File.ReadAllText(file)[..^1]);
            }
        }

        _functions.Calls.Clear();
        await using StreamingRun resumed = await workflow.ResumeStreamingAsync("session");
        Assert.StartsWith(Answer, (await resumed.WatchAsync()).Result().Answer);
        Assert.Equal(s_calls, _functions.Calls.Order());
    }

    [Fact]
    public async Task A_checkpoint_that_cannot_be_written_ends_the_run_and_says_why()
    {
        var store = new MemoryStore(written =>
        {
            if (written.Contains("sunny, 21 degrees"))
            {
                throw new IOException("The disk is full.");
            }
        });
        using Qwen3Workflow workflow = NanoWorkflow.Create(models, _functions, options => options.Checkpoints = WorkflowCheckpoints.In(store));
        InvalidOperationException e = await Assert.ThrowsAsync<InvalidOperationException>(() => workflow.RunAsync(Goals.TwoThenSend));
        Assert.Equal("The workflow failed: The disk is full.", e.Message);
    }

    [Fact]
    public async Task A_person_may_answer_another_process()
    {
        using (var store = new FileSystemJsonCheckpointStore(new(_folder)))
        {
            using Qwen3Workflow workflow = CreateAsking(store);
            await using StreamingRun run = await workflow.RunStreamingAsync(Goals.TwoThenSend, "session");
            await foreach (WorkflowEvent happened in run.WatchStreamAsync(blockOnPendingRequest: false, TestContext.Current.CancellationToken))
            {
                Assert.IsNotType<AnswerEvent>(happened);
            }
        }

        Assert.Equal(["weather Paris", "weather Rome"], _functions.Calls.Order());
        using var later = new FileSystemJsonCheckpointStore(new(_folder));
        using Qwen3Workflow another = CreateAsking(later);
        await using StreamingRun resumed = await another.ResumeStreamingAsync("session");
        List<WorkflowEvent> events = await resumed.WatchAsync(request =>
        {
            Assert.False(request.TryGetDataAs(out PlanReview? _));
            Assert.True(request.TryGetDataAs(out ToolApprovalRequestContent? asked));
            return request.CreateResponse(asked.CreateResponse(approved: true));
        });
        Assert.StartsWith(Answer, events.Result().Answer);
        Assert.Equal(s_calls, _functions.Calls.Order());
    }

    [Fact]
    public async Task A_session_without_checkpoints_is_not_resumed()
    {
        using var store = new FileSystemJsonCheckpointStore(new(_folder));
        using Qwen3Workflow workflow = NanoWorkflow.Create(models, _functions, options => options.Checkpoints = WorkflowCheckpoints.In(store));
        InvalidOperationException e = await Assert.ThrowsAsync<InvalidOperationException>(() => workflow.ResumeStreamingAsync("nobody").AsTask());
        Assert.Equal("There is no checkpoint of the session nobody.", e.Message);

        using Qwen3Workflow without = NanoWorkflow.Create(models, _functions);
        e = await Assert.ThrowsAsync<InvalidOperationException>(() => without.ResumeStreamingAsync("session").AsTask());
        Assert.Contains("Qwen3WorkflowOptions.Checkpoints", e.Message);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private Qwen3Workflow CreateAsking(JsonCheckpointStore store) => NanoWorkflow.Create(models, _functions, options =>
    {
        options.Tools = [_functions.Weather, new ApprovalRequiredAIFunction(_functions.Send)];
        options.Checkpoints = WorkflowCheckpoints.In(store);
    });
}
