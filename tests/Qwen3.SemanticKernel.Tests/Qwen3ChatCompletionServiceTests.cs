using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Qwen3.LlamaCpp;
using AI = Microsoft.Extensions.AI;

namespace Qwen3.SemanticKernel.Tests;

public sealed class Qwen3ChatCompletionServiceTests(KernelFixture kernels) : IClassFixture<KernelFixture>
{
    [Fact]
    public async Task Answers_with_the_reasoning_apart_from_the_text()
    {
        Kernel kernel = kernels.Thinking;
        ChatMessageContent answer = await Service(kernel)
            .GetChatMessageContentAsync("Hello!", KernelFixture.Auto, kernel);

        Assert.Equal("Hello! How can I help you today?", answer.Content);
        Assert.Equal("A simple message, so I answer directly.", answer.Items.OfType<ReasoningContent>().Single().Text);
        Assert.Equal(AuthorRole.Assistant, answer.Role);
        Assert.Equal("Qwen3-Nano-Thinking-2507", answer.ModelId);
        Assert.Equal("stop", answer.Metadata!["FinishReason"]);
        Assert.True(((AI.UsageDetails)answer.Metadata["Usage"]!).ReasoningTokenCount > 0);
        Assert.Equal("Qwen3-Nano-Thinking-2507", Service(kernel).Attributes["ModelId"]);
    }

    [Fact]
    public async Task Adds_the_calls_the_results_and_the_reasoning_to_the_history()
    {
        Kernel kernel = kernels.Thinking;
        ChatHistory history = [new(AuthorRole.User, "What is the weather in Hanoi and Tokyo?")];
        ChatMessageContent answer = await Service(kernel)
            .GetChatMessageContentAsync(history, KernelFixture.Auto, kernel);

        Assert.Contains("Hanoi", answer.Content);
        AssertIsToolLoop(history, answer.Items.OfType<ReasoningContent>().Single().Text);
    }

    [Fact]
    public async Task A_stream_writes_the_same_history()
    {
        Kernel kernel = kernels.Thinking;
        ChatHistory history = [new(AuthorRole.User, "What is the weather in Hanoi and Tokyo?")];
        ChatHistory other = [.. history];
        ChatMessageContent answer = await Service(kernel).GetChatMessageContentAsync(other, KernelFixture.Auto, kernel);

        string text = "", reasoning = "";
        object? usage = null;
        await foreach (
            StreamingChatMessageContent update in Service(kernel)
                .GetStreamingChatMessageContentsAsync(history, KernelFixture.Auto, kernel))
        {
            text += update.Content;
            reasoning += string.Concat(
                update.Items.OfType<StreamingReasoningContent>().Select(content => content.Text));
            usage = update.Metadata!.GetValueOrDefault("Usage") ?? usage;
        }

        Assert.Equal(answer.Content, text);
        Assert.EndsWith(answer.Items.OfType<ReasoningContent>().Single().Text, reasoning);
        Assert.Equal(
            ((AI.UsageDetails)answer.Metadata!["Usage"]!).OutputTokenCount,
            ((AI.UsageDetails)usage!).OutputTokenCount);
        AssertIsToolLoop(history, answer.Items.OfType<ReasoningContent>().Single().Text);
    }

    [Fact]
    public async Task Calls_are_returned_where_automatic_invocation_is_off()
    {
        Kernel kernel = kernels.Instruct;
        PromptExecutionSettings settings = KernelFixture.Auto;
        settings.FunctionChoiceBehavior = FunctionChoiceBehavior.Auto(autoInvoke: false);
        ChatHistory history = [new(AuthorRole.User, "What is the weather in Paris?")];

        ChatMessageContent answer = await Service(kernel).GetChatMessageContentAsync(history, settings, kernel);
        FunctionCallContent call = FunctionCallContent.GetFunctionCalls(answer).Single();
        history.Add(answer);
        history.Add((await call.InvokeAsync(kernel)).ToChatMessage());
        answer = await Service(kernel).GetChatMessageContentAsync(history, settings, kernel);

        Assert.Equal("It is sunny in Paris with 21 degrees.", answer.Content);
        Assert.Equal(3, history.Count);
    }

    [Fact]
    public async Task A_function_that_failed_is_reported_to_the_model_as_Semantic_Kernel_documents_it()
    {
        Kernel kernel = kernels.Instruct;
        ChatHistory history = [new(AuthorRole.User, "What is the weather in Paris?")];
        FunctionCallContent call = new("GetWeather", "Weather", "id", new() { ["city"] = "Paris" });
        history.Add(new(AuthorRole.Assistant, [call]));
        history.Add(new FunctionResultContent(call, new InvalidOperationException("no such city")).ToChatMessage());
        Assert.NotEmpty((await Service(kernel).GetChatMessageContentAsync(history, KernelFixture.Auto, kernel)).Items);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_done_before_a_step_failed_is_in_the_history(bool streams)
    {
        IKernelBuilder builder = Kernel
            .CreateBuilder()
            .AddQwen3ChatCompletion(NanoModels.Thinking, options => options.Engine.ContextSize = 400);
        builder.Plugins.AddFromFunctions(
            "Weather",
            [
                KernelFunctionFactory.CreateFromMethod(
                    (string city) => string.Concat(Enumerable.Repeat($"{city} is sunny. ", 100)),
                    "GetWeather",
                    "Gets the current weather in a city."),
            ]);
        Kernel kernel = builder.Build();
        using var services = (ServiceProvider)kernel.Services;
        ChatHistory history = [new(AuthorRole.User, "What is the weather in Paris?")];

        await Assert.ThrowsAsync<ContextLengthException>(async () =>
        {
            if (streams)
            {
                await foreach (
                    StreamingChatMessageContent update in Service(kernel)
                        .GetStreamingChatMessageContentsAsync(history, KernelFixture.Auto, kernel))
                {
                    Assert.NotEqual(AuthorRole.Tool, update.Role);
                }
            }
            else
            {
                await Service(kernel).GetChatMessageContentAsync(history, KernelFixture.Auto, kernel);
            }
        });

        Assert.Equal([AuthorRole.User, AuthorRole.Assistant, AuthorRole.Tool], history.Select(message => message.Role));
        Assert.Single(history[1].Items.OfType<ReasoningContent>());
    }

    [Fact]
    public async Task None_shows_the_functions_and_calls_none()
    {
        Kernel kernel = kernels.Instruct;
        PromptExecutionSettings settings = KernelFixture.Auto;
        settings.FunctionChoiceBehavior = FunctionChoiceBehavior.None();
        settings.ExtensionData!["max_tokens"] = 40;
        ChatHistory history = [new(AuthorRole.User, "What is the weather in Paris?")];
        ChatMessageContent answer = await Service(kernel).GetChatMessageContentAsync(history, settings, kernel);

        Assert.Empty(FunctionCallContent.GetFunctionCalls(answer));
        Assert.Single(history);
        Assert.NotEmpty(answer.Content!);
    }

    [Fact]
    public async Task Prompts_and_functions_made_of_prompts_are_answered()
    {
        Kernel kernel = kernels.Instruct;
        KernelArguments arguments = new(KernelFixture.Auto) { ["city"] = "Rome" };
        Assert.Equal(
            "It is sunny in Rome with 21 degrees.",
            (await kernel.InvokePromptAsync("What is the weather in {{$city}}?", arguments)).GetValue<string>());

        string streamed = "";
        await foreach (
            StreamingChatMessageContent update in kernel.InvokePromptStreamingAsync<StreamingChatMessageContent>(
                "What is the weather in {{$city}}?",
                arguments))
        {
            streamed += update.Content;
        }

        Assert.Equal("It is sunny in Rome with 21 degrees.", streamed);
    }

    [Fact]
    public async Task Works_without_kernel_and_settings() =>
        Assert.NotEmpty((await Service(kernels.Instruct).GetChatMessageContentAsync("Hello!")).Content!);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_required_function_is_called_once_and_then_the_model_answers(bool streams)
    {
        Kernel kernel = kernels.Thinking;
        // Left to itself, the model calls nothing here.
        ChatHistory history = [new(AuthorRole.User, "Hello!")];
        var settings = new PromptExecutionSettings
        {
            FunctionChoiceBehavior = FunctionChoiceBehavior.Required([
                kernel.Plugins.GetFunction("Weather", "GetWeather"),
            ]),
            ExtensionData = new Dictionary<string, object> { ["temperature"] = 0 },
        };
        string text = "";
        if (streams)
        {
            await foreach (
                StreamingChatMessageContent update in Service(kernel)
                    .GetStreamingChatMessageContentsAsync(history, settings, kernel))
            {
                text += update.Content;
            }
        }
        else
        {
            text = (await Service(kernel).GetChatMessageContentAsync(history, settings, kernel)).Content!;
        }

        Assert.NotEmpty(text);
        Assert.Equal([AuthorRole.User, AuthorRole.Assistant, AuthorRole.Tool], history.Select(message => message.Role));
        FunctionCallContent call = Assert.Single(
            history.SelectMany(message => message.Items.OfType<FunctionCallContent>()));
        Assert.Equal(("Weather", "GetWeather"), (call.PluginName, call.FunctionName));
        Assert.NotEmpty(history[1].Items.OfType<ReasoningContent>());
    }

    [Fact]
    public async Task A_response_format_and_a_thinking_budget_come_through_the_settings()
    {
        Kernel kernel = kernels.Thinking;
        var settings = new PromptExecutionSettings
        {
            ExtensionData = new Dictionary<string, object>
            {
                ["temperature"] = 0,
                ["thinking_budget"] = 2,
                ["response_format"] = JsonElement.Parse(
                    """{"type": "object", "properties": {"mood": {"enum": ["good", "bad"]}}, "required": ["mood"]}"""),
            },
        };
        ChatMessageContent answer = await Service(kernel).GetChatMessageContentAsync("Hello!", settings, kernel);
        Assert.Contains(JsonElement.Parse(answer.Content!).GetProperty("mood").GetString(), (string[])["good", "bad"]);
        Assert.Equal("budget", answer.Metadata!["thinking_end"]);

        object? end = null;
        await foreach (
            StreamingChatMessageContent update in Service(kernel)
                .GetStreamingChatMessageContentsAsync([new(AuthorRole.User, "Hello!")], settings, kernel))
        {
            end = update.Metadata!.GetValueOrDefault("thinking_end") ?? end;
        }

        Assert.Equal("budget", end);
    }

    [Fact]
    public async Task The_times_of_all_steps_are_with_the_answer()
    {
        Kernel kernel = kernels.Instruct;
        ChatHistory history = [new(AuthorRole.User, "What is the weather in Paris?")];
        ChatMessageContent answer = await Service(kernel)
            .GetChatMessageContentAsync(history, KernelFixture.Auto, kernel);
        Assert.All(
            (string[])["QueueTime", "PromptTime", "GenerationTime"],
            name => Assert.IsType<TimeSpan>(answer.Metadata![name]));
        Assert.True((TimeSpan)answer.Metadata!["GenerationTime"]! > TimeSpan.Zero);
        Assert.DoesNotContain("GenerationTime", history[1].Metadata!.Keys);

        history = [new(AuthorRole.User, "What is the weather in Paris?")];
        List<TimeSpan> times = [];
        await foreach (
            StreamingChatMessageContent update in Service(kernel)
                .GetStreamingChatMessageContentsAsync(history, KernelFixture.Auto, kernel))
        {
            if (update.Metadata!.TryGetValue("GenerationTime", out object? time))
            {
                times.Add((TimeSpan)time!);
            }
        }

        Assert.Equal(2, times.Count);
        Assert.True(times[1] > times[0]);

        answer = await Service(kernel)
            .GetChatMessageContentAsync(
                "Hello!",
                new Qwen3PromptExecutionSettings { Temperature = 0, StopSequences = ["today"] },
                kernel);
        Assert.Equal("Hello! How can I help you ", answer.Content);
        Assert.True((TimeSpan)answer.Metadata!["GenerationTime"]! > TimeSpan.Zero);
    }

    [Fact]
    public async Task A_history_that_was_JSON_goes_on_where_it_was()
    {
        Kernel kernel = kernels.Thinking;
        ChatHistory history = [new(AuthorRole.User, "What is the weather in Hanoi and Tokyo?")];
        history.Add(await Service(kernel).GetChatMessageContentAsync(history, KernelFixture.Auto, kernel));
        ChatHistory restored = JsonSerializer.Deserialize<ChatHistory>(JsonSerializer.Serialize(history))!;
        history.AddUserMessage("Thank you!");
        restored.AddUserMessage("Thank you!");

        ChatMessageContent answer = await Service(kernel)
            .GetChatMessageContentAsync(history, KernelFixture.Auto, kernel);
        ChatMessageContent other = await Service(kernel)
            .GetChatMessageContentAsync(restored, KernelFixture.Auto, kernel);

        Assert.Equal(answer.Content, other.Content);
        var usage = (AI.UsageDetails)other.Metadata!["Usage"]!;
        Assert.Equal(((AI.UsageDetails)answer.Metadata!["Usage"]!).InputTokenCount, usage.InputTokenCount);
        // The same prompt is in the cache, up to the token that must be computed for the answer.
        Assert.Equal(usage.InputTokenCount - 1, usage.CachedInputTokenCount);
    }

    private static IChatCompletionService Service(Kernel kernel) => kernel.GetRequiredService<IChatCompletionService>();

    private static void AssertIsToolLoop(ChatHistory history, string lastReasoning)
    {
        Assert.Equal([AuthorRole.User, AuthorRole.Assistant, AuthorRole.Tool], history.Select(message => message.Role));
        FunctionCallContent[] calls = [.. FunctionCallContent.GetFunctionCalls(history[1])];
        Assert.Equal(
            [("Weather", "GetWeather", "Hanoi"), ("Weather", "GetWeather", "Tokyo")],
            calls.Select(call => (call.PluginName!, call.FunctionName, call.Arguments!["city"]!.ToString()!)));
        string reasoning = history[1].Items.OfType<ReasoningContent>().Single().Text;
        Assert.Contains("Weather_GetWeather", reasoning);
        Assert.NotEqual(reasoning, lastReasoning);
        Assert.Equal(
            [("GetWeather", calls[0].Id, "sunny, 21 degrees"), ("GetWeather", calls[1].Id, "sunny, 21 degrees")],
            history[2]
                .Items.OfType<FunctionResultContent>()
                .Select(result => (result.FunctionName!, result.CallId, result.Result!.ToString()!)));
    }
}
