using System.Collections;
using System.Data;
using System.Text.Json;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using AI = Microsoft.Extensions.AI;

namespace Qwen3.SemanticKernel.Tests;

/// <summary>
/// Whatever a function returns, the model reads text of bounded size, and the request goes on or is cancelled.
/// </summary>
public sealed class FunctionResultTests
{
    public static TheoryData<string, Func<object?>> WithoutForm() => new()
    {
        { nameof(Node), () => Node.Cycle() },
        { nameof(DataTable), () => new DataTable() },
        { nameof(MemoryStream), () => new MemoryStream([1, 2]) },
        { "Type", () => typeof(string) },
        { nameof(Action), () => new Action(() => { }) },
        { "divide by zero", () => Enumerable.Range(0, 3).Select(i => 1 / (1 - i)) },
        { "not readable", () => new Unreadable() },
        { "boom", () => Throwing() },
    };

    [Theory]
    [MemberData(nameof(WithoutForm), DisableDiscoveryEnumeration = true)]
    public async Task A_result_that_cannot_be_written_is_an_error_that_the_model_reads_and_the_log_has(
        string part,
        Func<object?> create)
    {
        var log = new LogLines();
        (ChatHistory history, ScriptedClient client) = await AskAsync(() => create(), log: log);

        string read = Assert.IsType<string>(client.Results.Single().Result);
        Assert.StartsWith("Error: ", read);
        Assert.True(read.Length < 600);
        Assert.Contains(log.Lines, line => line.Contains("Weather_GetWeather") && line.Contains("model is told"));
        Assert.True(read.Contains(part, StringComparison.OrdinalIgnoreCase), read);
        FunctionResultContent result = history[2].Items.OfType<FunctionResultContent>().Single();
        Assert.Equal(read, result.Result);
        Assert.NotNull(Assert.IsType<AI.FunctionResultContent>(result.InnerContent).Exception);
    }

    [Fact]
    public async Task A_large_result_is_cut_and_the_model_is_told()
    {
        Func<object?>[] large =
        [
            () => new string('x', 50_000_000),
            () => new { Text = new string('x', 50_000_000) },
            () => Enumerable.Range(0, int.MaxValue),
            () => JsonSerializer.SerializeToElement(new string('x', 5_000_000)),
            () => Endless("word "),
            () => Endless(7),
            () => EndlessAtOnce("word "),
            () => Enumerable.Repeat(new ChatMessageContent(AuthorRole.Assistant, "word"), int.MaxValue),
            () => new TextContent(new string('x', 5_000_000)), () => string.Concat(Enumerable.Repeat("😀", 1_000_000)),
        ];
        foreach (Func<object?> create in large)
        {
            (ChatHistory history, ScriptedClient client) = await AskAsync(() => create());
            string read = client.Results.Single().Result!.ToString()!;
            Assert.InRange(read.Length, 99_000, 101_000);
            Assert.EndsWith("characters.]", read);
            Assert.DoesNotContain(
                '\uFFFD',
                System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(read)));
            Assert.Equal(read, history[2].Items.OfType<FunctionResultContent>().Single().Result);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_request_is_cancelled_while_a_result_that_ignores_its_token_is_read(bool endless)
    {
        using var cancellation = new CancellationTokenSource();
        var started = new TaskCompletionSource();
        Task<(ChatHistory, ScriptedClient)> asking = AskAsync(
            () => endless ? Silent(started) : Hanging(started),
            cancellationToken: cancellation.Token);
        await started.Task;
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_request_is_cancelled_while_a_function_hangs_that_ignores_its_token(
        bool blocks,
        bool overChatClient)
    {
        using var cancellation = new CancellationTokenSource();
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        Kernel kernel = CreateKernel(
            new ScriptedClient([Call("1")], [Call("2")], [new AI.TextContent("done")]),
            blocks
                ? (string city) => { started.TrySetResult(); return release.Task.GetAwaiter().GetResult(); }
                : async (string city) => { started.TrySetResult(); return await release.Task; });
        ChatHistory history = [new(AuthorRole.User, "Go")];
        Task asking = overChatClient
            ? kernel
                .GetRequiredService<AI.IChatClient>()
                .GetResponseAsync([new(AI.ChatRole.User, "Go")], s_auto.ToChatOptions(kernel), cancellation.Token)
            : kernel
                .GetRequiredService<IChatCompletionService>()
                .GetChatMessageContentAsync(history, s_auto, kernel, cancellation.Token);
        try
        {
            await started.Task;
            await cancellation.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
            Assert.Single(history);
        }
        finally
        {
            release.SetResult("late");
        }
    }

    [Fact]
    public async Task Steps_before_a_hanging_function_are_in_the_history()
    {
        using var cancellation = new CancellationTokenSource();
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int calls = 0;
        Kernel kernel = CreateKernel(
            new ScriptedClient([Call("1")], [Call("2")], [new AI.TextContent("done")]),
            async (string city) =>
            {
                if (++calls == 2)
                {
                    started.SetResult();
                    await new TaskCompletionSource().Task;
                }

                return "sunny";
            });
        ChatHistory history = [new(AuthorRole.User, "Go")];
        Task asking = kernel
            .GetRequiredService<IChatCompletionService>()
            .GetStreamingChatMessageContentsAsync(history, s_auto, kernel, cancellation.Token)
            .ToListAsync()
            .AsTask();
        await started.Task;
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);

        Assert.Equal([AuthorRole.User, AuthorRole.Assistant, AuthorRole.Tool], history.Select(message => message.Role));
    }

    [Fact]
    public async Task A_result_that_a_history_already_has_is_treated_alike()
    {
        ScriptedClient client = new([new AI.TextContent("done")]);
        Kernel kernel = CreateKernel(client, (string city) => "");
        FunctionCallContent call = new("GetWeather", "Weather", "id", new() { ["city"] = "Paris" });
        ChatHistory history =
        [
            new(AuthorRole.User, "Go"),
            new(AuthorRole.Assistant, [call, new FunctionCallContent("GetWeather", "Weather", "other")]),
            new FunctionResultContent(call, Node.Cycle()).ToChatMessage(),
            new FunctionResultContent("GetWeather", "Weather", "other", new string('x', 1_000_000)).ToChatMessage(),
        ];

        await kernel.GetRequiredService<IChatCompletionService>().GetChatMessageContentAsync(history, s_auto, kernel);

        Assert.Contains(nameof(Node), client.Results.First().Result!.ToString());
        Assert.EndsWith("characters.]", client.Results.Last().Result!.ToString());
        Assert.NotNull(JsonSerializer.Serialize(history));
    }

    [Fact]
    public async Task A_result_is_the_value_that_the_function_returned_however_it_is_wrapped()
    {
        KernelFunction function = KernelFunctionFactory.CreateFromMethod(() => "sunny", "f");
        object[] results =
        [
            "sunny",
            new FunctionResult(function, "sunny"),
            new TextContent("sunny"),
            new ChatMessageContent(AuthorRole.Tool, "sunny"),
            new AI.TextContent("sunny"),
            new FunctionResult(function, new TextContent("sunny")),
            new AI.ChatResponse(new AI.ChatMessage(AI.ChatRole.Assistant, "sunny")),
        ];
        foreach (object result in results)
        {
            (_, ScriptedClient client) = await AskAsync(() => result);
            Assert.Equal("sunny", client.Results.Single().Result);
        }

        (_, ScriptedClient several) = await AskAsync(() =>
            new[] { new ChatMessageContent(AuthorRole.User, "a"), new ChatMessageContent(AuthorRole.User, "b") }
        );
        Assert.Equal("a,b", several.Results.Single().Result);
    }

    [Fact]
    public async Task A_tool_message_of_another_connector_is_read_once()
    {
        ScriptedClient client = new([new AI.TextContent("done")]);
        Kernel kernel = CreateKernel(client, (string city) => "");
        ChatHistory history =
        [
            new(AuthorRole.User, "Go"),
            new(AuthorRole.Assistant, [new FunctionCallContent("GetWeather", "Weather", "id")]),
            // As Semantic Kernel's OpenAI connector leaves it.
            new(
                AuthorRole.Tool,
                [new TextContent("sunny"), new FunctionResultContent("GetWeather", "Weather", "id", "sunny")]),
        ];

        await kernel.GetRequiredService<IChatCompletionService>().GetChatMessageContentAsync(history, s_auto, kernel);

        Assert.Equal(
            "sunny",
            Assert.IsType<AI.FunctionResultContent>(client.Requests.Single()[^1].Contents.Single()).Result);
    }

    [Fact]
    public async Task A_content_that_the_model_cannot_read_is_described()
    {
        object[] contents =
        [
            new ImageContent(new byte[] { 1, 2 }, "image/png"),
            new AI.DataContent(new byte[] { 1, 2 }, "image/png"),
            new AI.UriContent("https://localhost/x.png", "image/png"),
        ];
        foreach (object content in contents)
        {
            (_, ScriptedClient client) = await AskAsync(() => content);
            Assert.Contains("image/png", Assert.IsType<string>(client.Results.Single().Result));
        }

        (_, ScriptedClient mixed) = await AskAsync(() =>
            new List<AI.AIContent> { new AI.TextContent("sunny "), (AI.AIContent)contents[1] }
        );
        Assert.StartsWith("sunny [", Assert.IsType<string>(mixed.Results.Single().Result));
    }

    [Fact]
    public async Task The_functions_own_JSON_options_write_its_result()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.General)
        {
            PropertyNamingPolicy = JsonNamingPolicy.KebabCaseUpper,
        };
        options.TypeInfoResolver = new System.Text.Json.Serialization.Metadata.DefaultJsonTypeInfoResolver();
        ScriptedClient client = new([Call("1")], [new AI.TextContent("done")]);
        Kernel kernel = Kernel.CreateBuilder().AddQwen3ChatCompletion(client).Build();
        kernel.Plugins.AddFromFunctions(
            "Weather",
            [KernelFunctionFactory.CreateFromMethod((string city) => new Place("Rome"), options, "GetWeather")]);
        await kernel
            .GetRequiredService<IChatCompletionService>()
            .GetChatMessageContentAsync([new(AuthorRole.User, "Go")], s_auto, kernel);
        Assert.Equal("""{"CITY-NAME":"Rome"}""", client.Results.Single().Result!.ToString());
    }

    [Fact]
    public async Task A_tool_of_a_kernel_returns_what_an_agent_can_read()
    {
        var kernel = new Kernel();
        kernel.Plugins.AddFromFunctions("Weather", [KernelFunctionFactory.CreateFromMethod((string kind) => kind switch
        {
            "cycle" => Node.Cycle(),
            "endless" => Endless("word "),
            "hang" => Silent(new()),
            _ => (object)new Place("Rome"),
        }, "Get")]);
        AI.AIFunction tool = kernel.AsTools().Single();
        Assert.Equal("Weather_Get", tool.Name);
        ValueTask<object?> Invoke(string kind, CancellationToken token = default) =>
            tool.InvokeAsync(new(new Dictionary<string, object?> { ["kind"] = kind }), token);

        Assert.StartsWith("Error: ", Assert.IsType<string>(await Invoke("cycle")));
        Assert.EndsWith("characters.]", Assert.IsType<string>(await Invoke("endless")));
        Assert.Equal("""{"cityName":"Rome"}""", (await Invoke("place"))!.ToString());
        using var cancellation = new CancellationTokenSource();
        Task<object?> hanging = Invoke("hang", cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hanging);
    }

    [Fact]
    public async Task Any_result_is_read_or_told()
    {
        Gen<object?> leaf = Gen.OneOf(
            Gen.Int.Select(value => (object?)value),
            Gen.Double.Select(value => (object?)value),
            Gen.String.Select(value => (object?)value),
            Gen.Const((object?)null),
            Gen.Const((object?)double.NaN),
            Gen.Const((object?)Node.Cycle()),
            Gen.Const((object?)typeof(int)),
            Gen.Const((object?)new DataTable()),
            Gen.Const((object?)new MemoryStream()),
            Gen.Const((object?)new Unreadable()),
            Gen.Const((object?)new Place("Rome")),
            Gen.Const((object?)default(JsonElement)),
            Gen.Const((object?)DayOfWeek.Friday),
            Gen.Const((object?)new TextContent(null)),
            Gen.Const((object?)new byte[] { 1 }),
            Gen.Const((object?)new InvalidOperationException("boom")),
            Gen.Const((object?)JsonElement.Parse("[1]")),
            Gen.Const((object?)new AI.TextContent("text")),
            Gen.Const((object?)"half \ud83d a pair"));
        Gen<object?> value = Gen.OneOf(
            leaf,
            leaf.List[0, 3].Select(items => (object?)items),
            leaf.List[0, 3].Select(items => (object?)items.ToAsyncEnumerable()),
            leaf.Select(item => (object?)new Dictionary<string, object?> { ["a"] = item }),
            leaf.Select(item => (object?)new { Item = item }),
            leaf.List[0, 3].Select(items => (object?)items.Select(item => item is int number ? 1 / (number % 2) : 0)));
        await value.SampleAsync(
            async item =>
            {
                (ChatHistory history, ScriptedClient client) = await AskAsync(() => item);
                object? read = client.Results.Single().Result;
                Assert.True(
                    read is string or JsonElement { ValueKind: not JsonValueKind.Undefined } or Exception or null,
                    $"{read?.GetType()}");
                Assert.Equal(3, history.Count);
                Assert.NotEmpty(
                    Qwen3.Chat.Qwen3Prompt.Create(Qwen3.Chat.Qwen3Variant.Instruct, client.Requests[^1]).ToString());
            },
            iter: 200);
    }

    private static readonly Qwen3PromptExecutionSettings s_auto = new()
    {
        FunctionChoiceBehavior = FunctionChoiceBehavior.Auto(),
    };

    private static async Task<(ChatHistory History, ScriptedClient Client)> AskAsync(
        Func<object?> function, LogLines? log = null, CancellationToken cancellationToken = default)
    {
        ScriptedClient client = new([Call("1")], [new AI.TextContent("done")]);
        Kernel kernel = CreateKernel(client, (string city) => function(), log);
        ChatHistory history = [new(AuthorRole.User, "Go")];
        ChatMessageContent answer = await kernel
            .GetRequiredService<IChatCompletionService>()
            .GetChatMessageContentAsync(history, s_auto, kernel, cancellationToken);
        Assert.Equal("done", answer.Content);
        return (history, client);
    }

    private static Kernel CreateKernel(ScriptedClient client, Delegate function, LogLines? log = null)
    {
        IKernelBuilder builder = Kernel.CreateBuilder().AddQwen3ChatCompletion(client);
        if (log is not null)
        {
            builder.Services.AddLogging(logging => logging.AddProvider(log));
        }

        builder.Plugins.AddFromFunctions("Weather", [KernelFunctionFactory.CreateFromMethod(function, "GetWeather")]);
        return builder.Build();
    }

    private static AI.FunctionCallContent Call(string id) =>
        new(id, "Weather_GetWeather", new Dictionary<string, object?> { ["city"] = JsonElement.Parse("\"Rome\"") });

    private static async IAsyncEnumerable<T> Endless<T>(T item)
    {
        while (true)
        {
            await Task.Yield();
            yield return item;
        }
    }

    private static async IAsyncEnumerable<T> EndlessAtOnce<T>(T item)
    {
        await Task.CompletedTask;
        while (true)
        {
            yield return item;
        }
    }

    // Items without text, which no limit of size ends.
    private static async IAsyncEnumerable<string> Silent(TaskCompletionSource started)
    {
        await Task.CompletedTask;
        while (true)
        {
            started.TrySetResult();
            yield return "";
        }
    }

    private static async IAsyncEnumerable<string> Hanging(TaskCompletionSource started)
    {
        started.TrySetResult();
        await new TaskCompletionSource().Task;
        yield return "";
    }

    private static async IAsyncEnumerable<int> Throwing()
    {
        await Task.Yield();
        yield return 1;
        throw new InvalidOperationException("boom");
    }

    private sealed record Place(string CityName);

    private sealed class Node
    {
        public Node? Next { get; set; }

        public static Node Cycle()
        {
            var node = new Node();
            node.Next = node;
            return node;
        }
    }

    private sealed class Unreadable : IEnumerable
    {
        public IEnumerator GetEnumerator() => throw new InvalidOperationException("not readable");
    }

    private sealed class LogLines : ILoggerProvider, ILogger
    {
        public List<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            lock (Lines)
            {
                Lines.Add(formatter(state, exception));
            }
        }

        public void Dispose()
        {
        }
    }
}
