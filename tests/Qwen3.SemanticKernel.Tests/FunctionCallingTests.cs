using System.ComponentModel.DataAnnotations;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Moq;
using AI = Microsoft.Extensions.AI;

namespace Qwen3.SemanticKernel.Tests;

public sealed class FunctionCallingTests(KernelFixture kernels) : IClassFixture<KernelFixture>
{
    public enum Unit
    {
        Celsius,
        Fahrenheit,
    }

    [Fact]
    public async Task Only_the_functions_of_a_subset_are_called()
    {
        Kernel kernel = kernels.Instruct;
        ChatHistory history = [new(AuthorRole.User, "What is the weather in Paris?")];
        KernelFunction sendMessage = kernel.Plugins.GetFunction("Mail", "SendMessage");
        Qwen3PromptExecutionSettings settings = Settings(
            FunctionChoiceBehavior.Required([sendMessage], autoInvoke: false));

        ChatMessageContent answer = await Service(kernel).GetChatMessageContentAsync(history, settings, kernel);

        Assert.All(
            FunctionCallContent.GetFunctionCalls(answer),
            call => Assert.Equal(("Mail", "SendMessage"), (call.PluginName, call.FunctionName)));
        Assert.NotEmpty(FunctionCallContent.GetFunctionCalls(answer));
        Assert.Equal("tool_calls", answer.Metadata!["FinishReason"]);
        Assert.Single(history);

        settings.FunctionChoiceBehavior = FunctionChoiceBehavior.Auto([]);
        settings.MaxTokens = 20;
        Assert.Empty(
            FunctionCallContent.GetFunctionCalls(
                await Service(kernel).GetChatMessageContentAsync(history, settings, kernel)));
    }

    [Fact]
    public async Task A_tool_mode_has_the_functions_called()
    {
        Kernel kernel = kernels.Instruct;
        ChatHistory history = [new(AuthorRole.User, "What is the weather in Paris?")];
        Qwen3PromptExecutionSettings settings = new()
        {
            Temperature = 0,
            MaxTokens = 500,
            ToolMode = AI.ChatToolMode.RequireSpecific("Weather-GetWeather"),
        };

        ChatMessageContent answer = await Service(kernel).GetChatMessageContentAsync(history, settings, kernel);

        Assert.Contains("sunny", answer.Content);
        Assert.Equal("GetWeather", Results(history).Single().FunctionName);

        settings.ToolMode = AI.ChatToolMode.None;
        history = [new(AuthorRole.User, "What is the weather in Paris?")];
        await Service(kernel).GetChatMessageContentAsync(history, settings, kernel);
        Assert.Single(history);
    }

    [Fact]
    public async Task Without_parallel_calls_each_step_has_one()
    {
        Kernel kernel = kernels.Instruct;
        ChatHistory history = [new(AuthorRole.User, "What is the weather in Hanoi and Tokyo?")];
        Qwen3PromptExecutionSettings settings = Settings(
            FunctionChoiceBehavior.Auto(options: new() { AllowParallelCalls = false }));

        await Service(kernel).GetChatMessageContentAsync(history, settings, kernel);

        ChatMessageContent[] steps = [.. history.Where(message => message.Role == AuthorRole.Assistant)];
        Assert.NotEmpty(steps);
        Assert.All(steps, step => Assert.Single(FunctionCallContent.GetFunctionCalls(step)));
    }

    [Fact]
    public async Task Functions_run_at_once_where_the_chat_client_is_told_so()
    {
        using var both = new CountdownEvent(2);
        Kernel kernel = WithFunction((string city) => Task.Run(() =>
        {
            both.Signal();
            return both.Wait(TimeSpan.FromMinutes(1)) ? "sunny" : "nobody else came";
        }));
        AI.IChatClient client = kernel.GetRequiredService<AI.IChatClient>();
        AI.FunctionInvokingChatClient invoking = AI.ChatClientExtensions.GetService<AI.FunctionInvokingChatClient>(
            client
        )!;
        invoking.AllowConcurrentInvocation = true;
        try
        {
            ChatHistory history = [new(AuthorRole.User, "What is the weather in Hanoi and Tokyo?")];
            await Service(kernel).GetChatMessageContentAsync(history, Settings(FunctionChoiceBehavior.Auto()), kernel);
            Assert.Equal(["sunny", "sunny"], Results(history).Select(result => result.Result));
        }
        finally
        {
            invoking.AllowConcurrentInvocation = false;
        }
    }

    [Fact]
    public async Task A_filter_that_changes_a_result_changes_what_the_model_reads()
    {
        Kernel kernel = kernels.Instruct;
        kernel.AutoFunctionInvocationFilters.Add(
            Filter(
                async (context, next) =>
                {
                    await next(context);
                    Assert.Equal(
                        ("GetWeather", 0, 0, 1),
                        (
                            context.Function.Name,
                            context.RequestSequenceIndex,
                            context.FunctionSequenceIndex,
                            context.FunctionCount));
                    Assert.NotEmpty(context.ToolCallId!);
                    Assert.Equal("What is the weather in Paris?", context.ChatHistory[0].Content);
                    context.Result = new FunctionResult(context.Result, "rainy, 5 degrees");
                }
            ));
        ChatHistory history = [new(AuthorRole.User, "What is the weather in Paris?")];

        ChatMessageContent answer = await Service(kernel)
            .GetChatMessageContentAsync(history, Settings(FunctionChoiceBehavior.Auto()), kernel);

        Assert.Equal("rainy, 5 degrees", Results(history).Single().Result);
        Assert.Contains("rainy", answer.Content);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_function_or_a_filter_that_throws_is_an_error_that_the_model_reads(bool inFilter)
    {
        Kernel kernel = inFilter
            ? kernels.Instruct
            : WithFunction((string city) => city.Length > 0 ? throw new InvalidOperationException("boom") : "");
        if (inFilter)
        {
            kernel.AutoFunctionInvocationFilters.Add(Filter((_, _) => throw new InvalidOperationException("boom")));
        }

        ChatHistory history = [new(AuthorRole.User, "What is the weather in Paris?")];
        ChatMessageContent answer = await Service(kernel)
            .GetChatMessageContentAsync(history, Settings(FunctionChoiceBehavior.Auto()), kernel);

        Assert.NotEmpty(answer.Content!);
        FunctionResultContent result = Results(history).First();
        Assert.StartsWith("Error", result.Result!.ToString());
        Assert.Equal("boom", Assert.IsType<AI.FunctionResultContent>(result.InnerContent).Exception!.Message);
    }

    [Fact]
    public async Task Arguments_arrive_as_the_parameters_types()
    {
        object?[]? arguments = null;
        // Nothing of free length, which a model this small may never end.
        Kernel kernel = WithFunction(
            (
                Stay stay,
                DateTime since,
                Guid id,
                bool verbose,
                KernelArguments all,
                Unit unit,
                Unit? other,
                double? height = null) =>
            {
                arguments = [stay, since, id, verbose, all, unit, other, height];
                return "sunny";
            }
        );
        ChatHistory history = [new(AuthorRole.User, "What is the weather in Paris?")];
        FunctionChoiceBehavior behavior = FunctionChoiceBehavior.Required(
            options: new() { AllowParallelCalls = false }
        );

        await Service(kernel).GetChatMessageContentAsync(history, Settings(behavior), kernel);

        Assert.Equal("sunny", Results(history).First().Result);
        Assert.IsType<Stay>(arguments![0]);
        Assert.IsType<DateTime>(arguments[1]);
        Assert.IsType<Guid>(arguments[2]);
        Assert.True(((KernelArguments)arguments[4]!).ContainsName("stay"));
        Assert.IsType<Unit>(arguments[5]);
    }

    [Fact]
    public async Task Texts_and_lists_arrive_as_the_parameters_types_and_unknown_functions_are_told()
    {
        object?[]? arguments = null;
        Kernel kernel = WithCalls(
            new(
                "1",
                "Weather_GetWeather",
                new Dictionary<string, object?>
                {
                    ["place"] = JsonElement.Parse("""{"City": "Paris"}"""),
                    ["days"] = JsonElement.Parse("[1, 2]"),
                    ["words"] = JsonElement.Parse("""["a", "b"]"""),
                    ["since"] = JsonElement.Parse("\"2025-01-02T03:04:05Z\""),
                    ["unit"] = JsonElement.Parse("\"Fahrenheit\""),
                }
            ),
            new("2", "Weather_Nothing"));
        kernel.Plugins.AddFromFunctions(
            "Weather",
            [
                KernelFunctionFactory.CreateFromMethod(
                    (
                        Place place,
                        List<int> days,
                        string[] words,
                        DateTime since,
                        Unit? unit,
                        string language = "en",
                        Unit other = Unit.Celsius
                    ) => arguments = [place, days, words, since.ToUniversalTime(), unit, language, other],
                    "GetWeather"),
            ]);
        ChatHistory history = [new(AuthorRole.User, "Go")];

        ChatMessageContent answer = await Service(kernel)
            .GetChatMessageContentAsync(history, Settings(FunctionChoiceBehavior.Auto()), kernel);

        Assert.Equal("done", answer.Content);
        Assert.Equivalent(
            new object?[]
            {
                new Place("Paris", null),
                new List<int> { 1, 2 },
                (string[])["a", "b"],
                new DateTime(2025, 1, 2, 3, 4, 5, DateTimeKind.Utc),
                Unit.Fahrenheit,
                "en",
                Unit.Celsius,
            },
            arguments);
        Assert.Contains("Weather_Nothing", Results(history).Last().Result!.ToString());
    }

    [Fact]
    public async Task Parameters_with_defaults_may_be_left_out()
    {
        string? heard = null;
        Kernel kernel = WithFunction(
            (string city, string language = "en", int days = 3) => heard = $"{city} {language} {days}");
        ChatHistory history = [new(AuthorRole.User, "What is the weather in Paris?")];
        FunctionCallContent call = new("GetWeather", "Weather", "id", new() { ["city"] = "Paris" });
        history.Add(new(AuthorRole.Assistant, [call]));
        history.Add((await call.InvokeAsync(kernel)).ToChatMessage());

        Assert.Equal("Paris en 3", heard);
        Assert.NotEmpty(
            (
                await Service(kernel)
                    .GetChatMessageContentAsync(history, Settings(FunctionChoiceBehavior.Auto()), kernel)
            ).Content!);
    }

    public static TheoryData<string, Delegate> ReturnTypes() =>
        new()
        {
            { "{\"city\": \"Paris\"}", (string city) => new Place("Paris", null) },
            {
                "[1, 2]",
                (string city) =>
                    new List<int> { 1, 2 }
            },
            { "Success: Function completed.", (string city) => (string?)null },
            { "Success: Function completed.", (string city) => Task.CompletedTask },
            { "sunny", (string city) => Task.FromResult("sunny") },
            { "21.5", (string city) => ValueTask.FromResult(21.5) },
            { "\"Celsius\"", (string city) => Unit.Celsius },
            { "sunny, 21 degrees", (string city) => Pieces(null) },
            { "Error: boom", (string city) => Pieces(new InvalidOperationException("boom")) },
            { "Error: too late", (string city) => Pieces(new TaskCanceledException("too late")) },
            { "[1, 2]", (string city) => Stream(1, 2) },
            { "[\"Celsius\", null]", (string city) => Stream<Unit?>(Unit.Celsius, null) },
            { "[{\"city\": \"Paris\"}]", (string city) => Stream(new Place("Paris", null)) },
            { "[]", (string city) => Stream<object>() },
            { "", (string city) => Stream<string>() },
            {
                "sunny, warm",
                (string city) =>
                    Stream(
                        new StreamingChatMessageContent(AuthorRole.Assistant, "sunny, "),
                        new(AuthorRole.Assistant, null),
                        new(AuthorRole.Assistant, "warm"))
            },
            {
                "sunny, warm",
                (string city) => Stream(new StreamingTextContent("sunny, "), new StreamingTextContent("warm"))
            },
            {
                "sunny, warm",
                (string city) =>
                    Stream<AI.ChatResponseUpdate>(
                        new(AI.ChatRole.Assistant, "sunny, "),
                        new(AI.ChatRole.Assistant, "warm"))
            },
            { "sunny", (string city) => new ChatMessageContent(AuthorRole.Assistant, "sunny") },
        };

    [Theory]
    [MemberData(nameof(ReturnTypes), DisableDiscoveryEnumeration = true)]
    public async Task The_model_reads_what_a_function_returned(string text, Delegate function)
    {
        Kernel kernel = WithFunction(function);
        ChatHistory history = [new(AuthorRole.User, "What is the weather in Paris?")];
        ChatMessageContent answer = await Service(kernel)
            .GetChatMessageContentAsync(history, Settings(FunctionChoiceBehavior.Auto()), kernel);

        Assert.NotEmpty(answer.Items);
        // Within the loop, and in the history that came of it.
        var read = Assert.IsType<AI.ChatMessage>(
            history.First(message => message.Role == AuthorRole.Tool).InnerContent);
        Assert.Equal(text, ResultIn(Render([read])));
        Assert.Equal(text, ResultIn(Render(history)));
    }

    [Fact]
    public async Task A_stream_in_a_history_is_read_once_and_its_text_put_in_its_place()
    {
        int readings = 0;
        async IAsyncEnumerable<string> Forecast()
        {
            readings++;
            await Task.Yield();
            yield return "sunny, ";
            yield return "21 degrees";
        }

        Kernel kernel = WithFunction((string city) => Forecast());
        FunctionCallContent call = new("GetWeather", "Weather", "id", new() { ["city"] = "Paris" });
        ChatHistory history =
        [
            new(AuthorRole.User, "What is the weather in Paris?"),
            new(AuthorRole.Assistant, [call]),
            (await call.InvokeAsync(kernel)).ToChatMessage(),
        ];
        string[] answers =
        [
            (
                await Service(kernel)
                    .GetChatMessageContentAsync(history, Settings(FunctionChoiceBehavior.Auto()), kernel)
            ).Content!,
            (
                await Service(kernel)
                    .GetChatMessageContentAsync(history, Settings(FunctionChoiceBehavior.Auto()), kernel)
            ).Content!,
        ];

        Assert.Contains("21 degrees", answers[0]);
        Assert.Equal(answers[0], answers[1]);
        Assert.Equal(1, readings);
        FunctionResultContent result = Results(history).Single();
        Assert.Equal(
            ("Weather", "GetWeather", "id", "sunny, 21 degrees"),
            (result.PluginName, result.FunctionName, result.CallId, result.Result));
        Assert.Equal(
            Render(history),
            Render(JsonSerializer.Deserialize<ChatHistory>(JsonSerializer.Serialize(history))!));
    }

    [Fact]
    public async Task A_stream_in_a_history_that_fails_is_an_error_that_the_model_reads()
    {
        Kernel kernel = WithFunction((string city) => Pieces(new InvalidOperationException("boom")));
        FunctionCallContent call = new("GetWeather", "Weather", "id", new() { ["city"] = "Paris" });
        ChatHistory history =
        [
            new(AuthorRole.User, "What is the weather in Paris?"),
            new(AuthorRole.Assistant, [call]),
            (await call.InvokeAsync(kernel)).ToChatMessage(),
        ];

        await Service(kernel).GetChatMessageContentAsync(history, Settings(FunctionChoiceBehavior.Auto()), kernel);

        FunctionResultContent result = Results(history).First();
        Assert.Equal("Error: boom", result.Result);
        Assert.Equal("boom", Assert.IsType<AI.FunctionResultContent>(result.InnerContent).Exception!.Message);
    }

    [Fact]
    public async Task A_stream_that_a_cancelled_request_did_not_read_to_its_end_is_not_taken_for_whole()
    {
        using var cancellation = new CancellationTokenSource();
        async IAsyncEnumerable<string> Forecast([EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            yield return "sunny, ";
            await cancellation.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
            yield return "21 degrees";
        }

        Kernel kernel = WithFunction((string city) => Forecast());
        FunctionCallContent call = new("GetWeather", "Weather", "id", new() { ["city"] = "Paris" });
        ChatHistory history =
        [
            new(AuthorRole.User, "What is the weather in Paris?"),
            new(AuthorRole.Assistant, [call]),
            (await call.InvokeAsync(kernel)).ToChatMessage(),
        ];

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Service(kernel)
                .GetChatMessageContentAsync(
                    history,
                    Settings(FunctionChoiceBehavior.Auto()),
                    kernel,
                    cancellation.Token));

        Assert.StartsWith("Error: ", Assert.IsType<string>(Results(history).Single().Result));
    }

    private static async IAsyncEnumerable<T> Stream<T>(params T[] pieces)
    {
        foreach (T piece in pieces)
        {
            await Task.Yield();
            yield return piece;
        }
    }

    private static async IAsyncEnumerable<string> Pieces(Exception? failure)
    {
        await Task.Yield();
        yield return "sunny, ";
        yield return failure is null ? "21 degrees" : throw failure;
    }

    private static string Render(ChatHistory history) =>
        Render(SemanticKernel.Mapping.ToExtensionsAI.Messages(history));

    private static string Render(IEnumerable<AI.ChatMessage> messages) =>
        Qwen3.Chat.Qwen3Prompt.Create(Qwen3.Chat.Qwen3Variant.Instruct, messages.ToList()).ToString();

    private static string ResultIn(string prompt) =>
        prompt.Split("<tool_response>\n")[1].Split("\n</tool_response>")[0];

    private static IEnumerable<FunctionResultContent> Results(ChatHistory history) =>
        history.SelectMany(message => message.Items.OfType<FunctionResultContent>());

    private static IChatCompletionService Service(Kernel kernel) => kernel.GetRequiredService<IChatCompletionService>();

    private static Qwen3PromptExecutionSettings Settings(FunctionChoiceBehavior behavior) =>
        new() { Temperature = 0, MaxTokens = 500, FunctionChoiceBehavior = behavior };

    private static IAutoFunctionInvocationFilter Filter(
        Func<AutoFunctionInvocationContext, Func<AutoFunctionInvocationContext, Task>, Task> act)
    {
        var filter = new Mock<IAutoFunctionInvocationFilter>();
        filter
            .Setup(f =>
                f.OnAutoFunctionInvocationAsync(
                    It.IsAny<AutoFunctionInvocationContext>(),
                    It.IsAny<Func<AutoFunctionInvocationContext, Task>>()))
            .Returns(act);
        return filter.Object;
    }

    /// <summary>A kernel over a client that makes these calls, says that it is done, and is no model.</summary>
    private static Kernel WithCalls(params AI.FunctionCallContent[] calls)
    {
        var client = new Mock<AI.IChatClient>();
        client
            .SetupSequence(c =>
                c.GetStreamingResponseAsync(
                    It.IsAny<IEnumerable<AI.ChatMessage>>(),
                    It.IsAny<AI.ChatOptions>(),
                    It.IsAny<CancellationToken>()))
            .Returns(new[] { new AI.ChatResponseUpdate(AI.ChatRole.Assistant, [.. calls]) }.ToAsyncEnumerable())
            .Returns(new[] { new AI.ChatResponseUpdate(AI.ChatRole.Assistant, "done") }.ToAsyncEnumerable());
        return Kernel.CreateBuilder().AddQwen3ChatCompletion(client.Object).Build();
    }

    private Kernel WithFunction(Delegate function)
    {
        Kernel kernel = kernels.Instruct;
        kernel.Plugins.Clear();
        kernel.Plugins.AddFromFunctions(
            "Weather",
            [KernelFunctionFactory.CreateFromMethod(function, "GetWeather", "Gets the current weather in a city.")]);
        return kernel;
    }

    internal sealed record Place(string City, string? Country);

    internal sealed record Stay([property: Range(0, 99)] int Days, bool IsLong);
}
