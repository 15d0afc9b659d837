using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Moq;
using AI = Microsoft.Extensions.AI;

namespace Qwen3.SemanticKernel.Tests;

public sealed class Qwen3ThinkingPluginTests(KernelFixture kernels) : IClassFixture<KernelFixture>
{
    private static Qwen3PromptExecutionSettings Greedy => new() { Temperature = 0 };

    [Fact]
    public async Task A_hard_question_is_answered_without_the_reasoning()
    {
        Kernel kernel = new();
        KernelPlugin plugin = kernel.Plugins.AddQwen3Thinking(Client, Greedy);
        Assert.Equal(
            "Hello! How can I help you today?",
            await AskAsync(kernel, plugin, "SolveHardQuestion", "question", "Hello!"));
    }

    [Fact]
    public async Task The_reasoning_comes_along_where_it_is_asked_for()
    {
        Kernel kernel = new();
        Qwen3PromptExecutionSettings settings = Greedy;
        settings.ReasoningOutput = AI.ReasoningOutput.Full;
        KernelPlugin plugin = kernel.Plugins.AddQwen3Thinking(Client, settings);
        // What is set later is not for this plugin.
        settings.MaxTokens = 1;

        Assert.Equal(
            "Reasoning: A simple message, so I answer directly.\n\nAnswer: Hello! How can I help you today?",
            await AskAsync(kernel, plugin, "SolveHardQuestion", "question", "Hello!"));
    }

    [Fact]
    public async Task A_plan_has_steps_that_say_what_they_depend_on()
    {
        Kernel kernel = new();
        KernelPlugin plugin = kernel.Plugins.AddQwen3Thinking(Client, Greedy);

        JsonElement steps = JsonElement
            .Parse(
                await AskAsync(
                    kernel,
                    plugin,
                    "MakePlan",
                    "goal",
                    "Get the weather in Paris and Rome, then send a summary to Anna."))
            .GetProperty("steps");

        Assert.InRange(steps.GetArrayLength(), 1, 10);
        foreach (JsonElement step in steps.EnumerateArray())
        {
            Assert.True(step.GetProperty("id").TryGetInt64(out _));
            Assert.NotEmpty(step.GetProperty("task").GetString()!);
            Assert.Equal(JsonValueKind.Array, step.GetProperty("dependsOn").ValueKind);
        }
    }

    [Fact]
    public async Task The_planner_knows_the_functions_of_the_kernel_and_not_its_own()
    {
        var client = new Mock<AI.IChatClient>();
        AI.ChatMessage[] request = [];
        AI.ChatOptions? options = null;
        client
            .Setup(c =>
                c.GetResponseAsync(
                    It.IsAny<IEnumerable<AI.ChatMessage>>(),
                    It.IsAny<AI.ChatOptions>(),
                    It.IsAny<CancellationToken>()))
            .Callback(
                (IEnumerable<AI.ChatMessage> messages, AI.ChatOptions given, CancellationToken _) =>
                    (request, options) = ([.. messages], given))
            .ReturnsAsync(new AI.ChatResponse(new AI.ChatMessage(AI.ChatRole.Assistant, "{}")));
        Kernel kernel = kernels.Instruct;
        Qwen3PromptExecutionSettings settings = Greedy;
        settings.ThinkingBudget = 100;
        settings.FunctionChoiceBehavior = FunctionChoiceBehavior.Auto();
        KernelPlugin plugin = kernel.Plugins.AddQwen3Thinking(client.Object, settings);

        await AskAsync(kernel, plugin, "MakePlan", "goal", "Rest.");

        Assert.Contains("- Weather_GetWeather: Gets the current weather in a city.", request[0].Text);
        Assert.DoesNotContain("MakePlan", request[0].Text);
        Assert.Equal("Rest.", request[1].Text);
        Assert.Equal((100, 0f), (options!.AdditionalProperties!["thinking_budget"], options.Temperature));
        Assert.Null(options.Tools);
    }

    [Fact]
    public async Task An_answer_that_was_cut_off_is_an_error_that_says_what_to_do()
    {
        Kernel kernel = new();
        Qwen3PromptExecutionSettings settings = Greedy;
        settings.MaxTokens = 3;
        KernelPlugin plugin = kernel.Plugins.AddQwen3Thinking(Client, settings, "Experts");
        KernelException error = await Assert.ThrowsAsync<KernelException>(() =>
            AskAsync(kernel, plugin, "MakePlan", "goal", "Hello!"));
        Assert.Contains("MaxTokens", error.Message);
        Assert.Contains("Experts", error.Message);
    }

    [Fact]
    public async Task Thinking_stops_when_it_is_cancelled()
    {
        Kernel kernel = new();
        KernelPlugin plugin = kernel.Plugins.AddQwen3Thinking(Client, Greedy);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            kernel.InvokeAsync(
                plugin["SolveHardQuestion"],
                new() { ["question"] = "Hello!" },
                new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task Another_model_of_the_kernel_calls_it()
    {
        IKernelBuilder builder = Kernel.CreateBuilder();
        builder.Services.AddKeyedSingleton("thinker", Client);
        builder.Services.AddSingleton(kernels.Instruct.GetRequiredService<IChatCompletionService>());
        builder.Plugins.AddQwen3Thinking("thinker", Greedy);
        Kernel kernel = builder.Build();
        ChatHistory history = [new(AuthorRole.User, "Hello!")];
        var settings = new Qwen3PromptExecutionSettings
        {
            Temperature = 0,
            MaxTokens = 500,
            FunctionChoiceBehavior = FunctionChoiceBehavior.Required([
                kernel.Plugins.GetFunction("Thinking", "SolveHardQuestion"),
            ]),
        };

        ChatMessageContent answer = await kernel
            .GetRequiredService<IChatCompletionService>()
            .GetChatMessageContentAsync(history, settings, kernel);

        Assert.NotEmpty(answer.Content!);
        string result = history
            .SelectMany(message => message.Items.OfType<FunctionResultContent>())
            .First()
            .Result!.ToString()!;
        Assert.NotEmpty(result);
        Assert.DoesNotContain("Error", result);
    }

    [Fact]
    public async Task A_service_id_that_is_not_there_is_named()
    {
        Kernel kernel = new();
        KernelPlugin plugin = kernel.Plugins.AddQwen3Thinking("nobody");
        var error = await Assert.ThrowsAsync<KernelException>(() =>
            AskAsync(kernel, plugin, "SolveHardQuestion", "question", "Hello!"));
        Assert.Contains("nobody", error.Message);
        Assert.Throws<ArgumentException>(() => kernel.Plugins.AddQwen3Thinking(" "));
    }

    private AI.IChatClient Client => kernels.Thinking.GetRequiredService<AI.IChatClient>();

    private static async Task<string> AskAsync(
        Kernel kernel,
        KernelPlugin plugin,
        string function,
        string parameter,
        string text
    ) => (await kernel.InvokeAsync(plugin[function], new() { [parameter] = text })).GetValue<string>()!;
}
