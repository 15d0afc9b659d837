using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Qwen3.Agents.Tests;

/// <summary>Functions that return what is not easily shown, or do not return.</summary>
public sealed class ToolCallerTests(AgentModels models)
{
    private static readonly FunctionCallContent s_call = new("id", "act");

    [Fact]
    public async Task A_function_whose_result_cannot_be_shown_has_been_called_all_the_same()
    {
        var circle = new List<object>();
        circle.Add(circle);
        await IsCalledAsync(() => circle);
        await IsCalledAsync(() => new { Length = new Lazy<int>(() => throw new TimeoutException("Too late.")) });

        async Task IsCalledAsync(Func<object> function)
        {
            CallResult result = await CallAsync(function);
            Assert.False(result.HasFailed);
            Assert.StartsWith("The function was called, but what it returned cannot be shown", $"{result.Content.Result}");
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task A_result_without_end_is_cut_off_and_the_model_is_told()
    {
        static async IAsyncEnumerable<int> NumbersAsync()
        {
            for (int i = 0; ; i++)
            {
                await Task.Yield();
                yield return i;
            }
        }

        static IEnumerable<string> Words()
        {
            while (true)
            {
                yield return "word";
            }
        }

        foreach (Func<object> function in (Func<object>[])[NumbersAsync, Words, () => new string('x', 5 << 20), () => new byte[5 << 20]])
        {
            CallResult result = await CallAsync(function, TestContext.Current.CancellationToken);
            string told = Assert.IsType<string>(result.Content.Result);
            Assert.InRange(told.Length, 1_000, 20_000);
            Assert.Contains("(The result is cut off here: it has ", told);
            Assert.False(result.HasFailed);
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task A_sequence_that_ends_is_shown_as_a_whole()
    {
        async IAsyncEnumerable<int> NumbersAsync()
        {
            await Task.Yield();
            yield return 1;
            yield return 2;
        }

        var result = Assert.IsType<JsonElement>((await CallAsync(NumbersAsync, TestContext.Current.CancellationToken)).Content.Result);
        Assert.Equal([1, 2], result.EnumerateArray().Select(number => number.GetInt32()));
    }

    [Theory(Timeout = 60_000)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_sequence_that_hangs_and_ignores_its_token_does_not_hold_up_the_end(bool blocks)
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var mayEnd = new ManualResetEventSlim();
        var isRead = new TaskCompletionSource();
        async IAsyncEnumerable<int> HangAsync()
        {
            yield return 1;
            isRead.TrySetResult();
            if (blocks)
            {
                mayEnd.Wait(CancellationToken.None);
            }

            await new TaskCompletionSource().Task;
        }

        Task<CallResult> calling = CallAsync(HangAsync, cancellation.Token);
        await isRead.Task.WaitAsync(TestContext.Current.CancellationToken);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => calling);
        mayEnd.Set();
    }

    [Fact]
    public async Task Text_in_contents_is_text()
    {
        Assert.Equal("sunny", (await CallAsync(() => new TextContent("sunny"))).Content.Result);
        Assert.Equal("sunny, warm", (await CallAsync(() => new AIContent[] { new TextContent("sunny, "), new TextContent("warm") })).Content.Result);
        CallResult image = await CallAsync(() => new DataContent("data:image/png;base64,AAAA"));
        Assert.Contains("DataContent", $"{image.Content.Result}");
        Assert.False(image.HasFailed);
    }

    [Fact]
    public async Task A_function_that_blocks_its_thread_does_not_hold_up_the_end()
    {
        using var isCalled = new SemaphoreSlim(0);
        using var mayReturn = new ManualResetEventSlim();
        using var cancellation = new CancellationTokenSource();
        Task<CallResult> calling = CallAsync(
            () =>
            {
                isCalled.Release();
                mayReturn.Wait(TestContext.Current.CancellationToken);
                return "late";
            },
            cancellation.Token);
        await isCalled.WaitAsync(TestContext.Current.CancellationToken);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => calling);
        mayReturn.Set();
    }

    [Fact]
    public async Task Each_call_has_its_own_scope_of_services()
    {
        await using ServiceProvider services = new ServiceCollection().AddScoped<MemoryStream>().BuildServiceProvider(validateScopes: true);
        List<MemoryStream> streams = [];
        AIFunction act = AIFunctionFactory.Create(
            (IServiceProvider own) =>
            {
                streams.Add(own.GetRequiredService<MemoryStream>());
                return streams[^1].CanWrite;
            },
            "act");
        Assert.Equal(["True", "True"], [$"{(await CallAsync(act, services)).Content.Result}", $"{(await CallAsync(act, services)).Content.Result}"]);
        Assert.NotSame(streams[0], streams[1]);
        Assert.All(streams, stream => Assert.False(stream.CanWrite));
    }

    private Task<CallResult> CallAsync(Func<object> function, CancellationToken cancellationToken = default) =>
        CallAsync(new Act(function), services: null, cancellationToken);

    private Task<CallResult> CallAsync(AIFunction function, IServiceProvider? services, CancellationToken cancellationToken = default)
    {
        var executor = new ExecutorAgent(models.Instruct, new() { Tools = [function], Services = services });
        var setup = new WorkflowSetup(
            new(models.Thinking), executor, new Qwen3WorkflowOptions(), new AgentsTelemetry(), new WorkflowLog(NullLogger.Instance));
        // On a thread of its own, for one that blocks would keep the test.
        return Task.Run(() => new ToolCaller(setup).CallAsync(s_call, decision: null, cancellationToken));
    }

    /// <summary>A function that returns what it has, as a kernel's or an MCP server's does.</summary>
    private sealed class Act(Func<object> act) : AIFunction
    {
        public override string Name => "act";

        protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) => new(act());
    }
}
