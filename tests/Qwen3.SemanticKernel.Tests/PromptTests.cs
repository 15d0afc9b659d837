using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Moq;
using AI = Microsoft.Extensions.AI;

namespace Qwen3.SemanticKernel.Tests;

/// <summary>The ways by which prompts reach a model in Semantic Kernel.</summary>
public sealed class PromptTests(KernelFixture kernels) : IClassFixture<KernelFixture>
{
    [Fact]
    public async Task Settings_work_over_a_chat_client_alone()
    {
        Kernel kernel = WithChatClientOnly(kernels.Thinking);
        var settings = new Qwen3PromptExecutionSettings
        {
            Temperature = 0,
            MaxTokens = 100,
            ThinkingBudget = 2,
            ResponseFormat = typeof(Mood),
        };
        KernelArguments arguments = new(settings);

        var response = (await kernel.InvokePromptAsync("Hello!", arguments)).GetValue<AI.ChatResponse>()!;
        string streamed = "";
        await foreach (string text in kernel.InvokePromptStreamingAsync<string>("Hello!", arguments))
        {
            streamed += text;
        }

        Assert.NotNull(JsonSerializer.Deserialize<Mood>(response.Text, JsonSerializerOptions.Web)!.Word);
        Assert.Equal("budget", response.Messages.Single().AdditionalProperties!["thinking_end"]);
        Assert.Equal(response.Text, streamed);
    }

    [Fact]
    public async Task Functions_are_called_over_a_chat_client_alone()
    {
        Kernel kernel = WithChatClientOnly(kernels.Instruct);
        KernelArguments arguments = new(
            new Qwen3PromptExecutionSettings { Temperature = 0, FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() }
        );
        Assert.Equal(
            "It is sunny in Rome with 21 degrees.",
            (await kernel.InvokePromptAsync("What is the weather in Rome?", arguments)).ToString());
    }

    [Fact]
    public async Task A_prompt_file_says_settings_and_functions()
    {
        KernelFunction prompt = FromJson(
            "\"temperature\": 0, \"function_choice_behavior\": {\"type\": \"auto\", \"functions\": [\"Weather.GetWeather\"]}");
        FunctionResult answer = await kernels.Instruct.InvokeAsync(prompt, new() { ["city"] = "Oslo" });
        Assert.Equal("It is sunny in Oslo with 21 degrees.", answer.GetValue<string>());
        Assert.Equal("stop", answer.Metadata!["FinishReason"]);

        prompt = FromJson("\"temperature\": \"0\", \"max_tokens\": \"2\"");
        Assert.Equal(
            "length",
            (await kernels.Instruct.InvokeAsync(prompt, new() { ["city"] = "Oslo" })).Metadata!["FinishReason"]);
    }

    [Fact]
    public async Task A_prompt_file_with_a_slip_of_the_pen_is_refused()
    {
        KernelFunction prompt = FromJson("\"temprature\": 0");
        var error = await Assert.ThrowsAsync<ArgumentException>(() =>
            kernels.Instruct.InvokeAsync(prompt, new() { ["city"] = "Oslo" }));
        Assert.Contains("'temperature'", error.Message);
    }

    [Fact]
    public async Task A_prompt_with_roles_is_a_conversation()
    {
        const string Prompt =
            """
            <message role="system">You are a helpful assistant.</message>
            <message role="user">My name is Anna.</message>
            <message role="assistant">Nice to meet you, Anna!</message>
            <message role="user">{{$question}}</message>
            """;
        KernelArguments arguments = new(Greedy()) { ["question"] = "<b>Hello!</b>" };
        string rendered = "";
        Kernel kernel = kernels.Instruct;
        var filter = new Mock<IPromptRenderFilter>();
        filter
            .Setup(f =>
                f.OnPromptRenderAsync(It.IsAny<PromptRenderContext>(), It.IsAny<Func<PromptRenderContext, Task>>()))
            .Returns(
                async (PromptRenderContext context, Func<PromptRenderContext, Task> next) =>
                {
                    await next(context);
                    rendered = context.RenderedPrompt!;
                }
            );
        kernel.PromptRenderFilters.Add(filter.Object);

        var answer = (await kernel.InvokePromptAsync(Prompt, arguments)).GetValue<ChatMessageContent>()!;

        Assert.NotEmpty(answer.Content!);
        Assert.Contains("&lt;b&gt;", rendered);
        // The four messages, each in a turn of its own, are more than their text alone.
        Assert.InRange(((AI.UsageDetails)answer.Metadata!["Usage"]!).InputTokenCount!.Value, 40, 80);
    }

    [Fact]
    public async Task A_type_is_the_form_of_the_answer()
    {
        Qwen3PromptExecutionSettings settings = Greedy();
        settings.ResponseFormat = typeof(Person);
        KernelArguments arguments = new(settings);
        const string Prompt = "Extract the person: Anna is 30 and lives in Rome.";

        string json = (await kernels.Instruct.InvokePromptAsync(Prompt, arguments)).GetValue<string>()!;
        string streamed = "";
        await foreach (
            StreamingChatMessageContent update in kernels.Instruct.InvokePromptStreamingAsync<StreamingChatMessageContent>(
                Prompt,
                arguments))
        {
            streamed += update.Content;
        }

        Assert.NotNull(JsonSerializer.Deserialize<Person>(json, JsonSerializerOptions.Web)!.City);
        Assert.Equal(json, streamed);
    }

    [Fact]
    public async Task Reasoning_is_left_out_where_the_settings_say_so()
    {
        PromptExecutionSettings settings = new()
        {
            ExtensionData = new Dictionary<string, object> { ["temperature"] = 0, ["reasoning_output"] = "none" },
        };
        ChatMessageContent answer = await Service(kernels.Thinking).GetChatMessageContentAsync("Hello!", settings);
        Assert.IsType<TextContent>(answer.Items.Single());
        Assert.True(((AI.UsageDetails)answer.Metadata!["Usage"]!).ReasoningTokenCount > 0);

        settings = new()
        {
            ExtensionData = new Dictionary<string, object> { ["temperature"] = 0, ["reasoning_effort"] = "none" },
        };
        answer = await Service(kernels.Thinking).GetChatMessageContentAsync("Hello!", settings);
        Assert.Equal(0, ((AI.UsageDetails)answer.Metadata!["Usage"]!).ReasoningTokenCount);
    }

    [Fact]
    public async Task Reduced_histories_are_answered()
    {
        Kernel kernel = kernels.Instruct;
        PromptExecutionSettings settings = KernelFixture.Auto;
        ChatHistory history = new("You are a helpful assistant.");
        foreach (
            string question in new[]
            {
                "What is the weather in Paris?",
                "What is the weather in Hanoi and Tokyo?",
                "Thank you!",
            }
        )
        {
            history.AddUserMessage(question);
            history.Add(await Service(kernel).GetChatMessageContentAsync(history, settings, kernel));
        }

        IChatHistoryReducer[] reducers =
        [
            new ChatHistoryTruncationReducer(targetCount: 3),
            new ChatHistorySummarizationReducer(GreedyService(kernel), targetCount: 3),
        ];
        foreach (IChatHistoryReducer reducer in reducers)
        {
            ChatHistory reduced = [.. (await reducer.ReduceAsync(history))!];
            Assert.True(reduced.Count < history.Count);
            reduced.AddUserMessage("What is the weather in Rome?");
            ChatMessageContent answer = await Service(kernel).GetChatMessageContentAsync(reduced, settings, kernel);
            Assert.NotEmpty(answer.Content!);
        }
    }

    private static Qwen3PromptExecutionSettings Greedy() => new() { Temperature = 0, MaxTokens = 200 };

    private static IChatCompletionService Service(Kernel kernel) => kernel.GetRequiredService<IChatCompletionService>();

    /// <summary>
    /// The service with settings of its own, for a caller that gives none: what is drawn at random may be nothing to
    /// work with.
    /// </summary>
    private static IChatCompletionService GreedyService(Kernel kernel)
    {
        var service = new Mock<IChatCompletionService>();
        service
            .Setup(s =>
                s.GetChatMessageContentsAsync(
                    It.IsAny<ChatHistory>(),
                    It.IsAny<PromptExecutionSettings>(),
                    It.IsAny<Kernel>(),
                    It.IsAny<CancellationToken>()))
            .Returns(
                (ChatHistory history, PromptExecutionSettings? _, Kernel? _, CancellationToken cancellationToken) =>
                    Service(kernel).GetChatMessageContentsAsync(history, Greedy(), kernel, cancellationToken));
        return service.Object;
    }

    private static Kernel WithChatClientOnly(Kernel kernel) =>
        new(
            new ServiceCollection().AddSingleton(kernel.GetRequiredService<AI.IChatClient>()).BuildServiceProvider(),
            kernel.Plugins);

    private static KernelFunction FromJson(string settings) =>
        KernelFunctionFactory.CreateFromPrompt(
            PromptTemplateConfig.FromJson(
                $$$"""
                {
                  "template": "What is the weather in {{$city}}?",
                  "input_variables": [{"name": "city"}],
                  "execution_settings": {"default": {{{{settings}}}}}
                }
                """));

    [JsonConverter(typeof(JsonStringEnumConverter<Word>))]
    internal enum Word
    {
        Good,
        Bad,
    }

    internal sealed record Mood(Word? Word);

    internal sealed record Person(string Name, int Age, string City);
}
