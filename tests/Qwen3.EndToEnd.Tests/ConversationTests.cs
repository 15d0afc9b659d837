using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Moq;
using Qwen3.Chat;
using Qwen3.LlamaCpp;
using Qwen3.SemanticKernel;
using AI = Microsoft.Extensions.AI;

namespace Qwen3.EndToEnd.Tests;

/// <summary>From <c>AddQwen3ChatCompletion</c> to llama.cpp and back, on the nano models.</summary>
public sealed class ConversationTests
{
    [Fact]
    public async Task A_call_is_carried_out_and_a_filter_sees_it()
    {
        Kernel kernel = Build(NanoModels.Instruct);
        await using var services = (ServiceProvider)kernel.Services;
        List<string> seen = [];
        kernel.AutoFunctionInvocationFilters.Add(Watching(seen));
        ChatHistory history = [new(AuthorRole.User, "What is the weather in Paris?")];

        ChatMessageContent answer = await AskAsync(kernel, history);

        Assert.Equal("It is sunny in Paris with 21 degrees.", answer.Content);
        Assert.Equal(["Weather.GetWeather(Paris) -> sunny, 21 degrees"], seen);
    }

    [Theory]
    [InlineData("Instruct")]
    [InlineData("Thinking")]
    public async Task Two_calls_at_once_are_both_carried_out(string variant)
    {
        Kernel kernel = Build(variant == "Thinking" ? NanoModels.Thinking : NanoModels.Instruct);
        await using var services = (ServiceProvider)kernel.Services;
        List<string> seen = [];
        kernel.AutoFunctionInvocationFilters.Add(Watching(seen));
        ChatHistory history = [new(AuthorRole.User, "What is the weather in Hanoi and Tokyo?")];

        ChatMessageContent answer = await AskAsync(kernel, history);

        Assert.Equal("It is sunny in Hanoi with 21 degrees. It is sunny in Tokyo with 21 degrees.", answer.Content);
        Assert.Equal(["Weather.GetWeather(Hanoi) -> sunny, 21 degrees", "Weather.GetWeather(Tokyo) -> sunny, 21 degrees"], seen);
        Assert.Equal(2, FunctionCallContent.GetFunctionCalls(history[1]).Count());
    }

    [Fact]
    public async Task The_second_step_of_a_tool_loop_reads_the_reasoning_of_the_first()
    {
        using Qwen3ChatClient model = Qwen3ChatClient.Load(NanoModels.Thinking);
        var prompts = new List<string>();
        AI.IChatClient client = AI.ChatClientBuilderChatClientExtensions.AsBuilder(model)
            .UseKernelFunctionInvocation()
            .Use(
                (messages, options, inner, cancellationToken) =>
                {
                    prompts.Add(Qwen3Prompt.Create(Qwen3Variant.Thinking, messages, options).ToString());
                    return inner.GetResponseAsync(messages, options, cancellationToken);
                },
                getStreamingResponseFunc: null)
            .Build(new ServiceCollection().BuildServiceProvider());
        Kernel kernel = Build(NanoModels.Thinking);
        await using var services = (ServiceProvider)kernel.Services;
        ChatHistory history = [new(AuthorRole.User, "What is the weather in Rome? Send it to Anna.")];

        ChatMessageContent answer = await new Qwen3ChatCompletionService(client).GetChatMessageContentAsync(history, Greedy, kernel);

        Assert.Equal("It is sunny in Rome with 21 degrees. I sent it to Anna.", answer.Content);
        Assert.Equal(3, prompts.Count);
        string first = history[1].Items.OfType<ReasoningContent>().Single().Text;
        string second = history[3].Items.OfType<ReasoningContent>().Single().Text;
        Assert.Contains($"<think>\n{first}\n</think>", prompts[1]);
        Assert.Contains($"<think>\n{first}\n</think>", prompts[2]);
        Assert.Contains($"<think>\n{second}\n</think>", prompts[2]);

        // The next question ends the loop: its prompt has the calls and no reasoning any more.
        history.Add(answer);
        history.AddUserMessage("Thanks!");
        await new Qwen3ChatCompletionService(client).GetChatMessageContentAsync(history, Greedy, kernel);
        Assert.DoesNotContain(first, prompts[3]);
        Assert.Contains("Weather_GetWeather\", \"arguments\": {\"city\": \"Rome\"}", prompts[3]);
    }

    [Theory]
    [InlineData("Hello!")]
    [InlineData("What is the weather in Rome? Send it to Anna.")]
    public async Task Streaming_says_and_writes_what_the_whole_answer_does(string question)
    {
        Kernel kernel = Build(NanoModels.Thinking);
        await using var services = (ServiceProvider)kernel.Services;
        ChatHistory whole = [new(AuthorRole.User, question)], streamed = [.. whole];
        whole.Add(await AskAsync(kernel, whole));

        string text = "", reasoning = "";
        await foreach (StreamingChatMessageContent update in kernel.GetRequiredService<IChatCompletionService>().GetStreamingChatMessageContentsAsync(streamed, Greedy, kernel))
        {
            text += update.Content;
            reasoning += string.Concat(update.Items.OfType<StreamingReasoningContent>().Select(content => content.Text));
        }

        streamed.Add(new(AuthorRole.Assistant, [new ReasoningContent(string.Concat(whole[^1].Items.OfType<ReasoningContent>().Select(content => content.Text))), new TextContent(text)]));
        Assert.Equal(Describe(whole), Describe(streamed));
        Assert.Equal(string.Concat(whole.SelectMany(message => message.Items.OfType<ReasoningContent>()).Select(content => content.Text)), reasoning);
    }

    [Fact]
    public async Task Cancelling_during_the_prompt_frees_the_engine_at_once()
    {
        Kernel kernel = Build(NanoModels.Instruct);
        await using var services = (ServiceProvider)kernel.Services;
        string text = string.Join(' ', Enumerable.Range(0, 700).Select(i => $"word {i}"));
        GenerationResult whole = await TimeAsync(kernel, text);

        using var cancellation = new CancellationTokenSource();
        Task<ChatMessageContent> cancelled = AskAsync(kernel, [new(AuthorRole.User, "x" + text)], cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);

        GenerationResult next = await TimeAsync(kernel, "Hello!");
        Assert.True(next.QueueTime < whole.PromptTime / 2, $"waited {next.QueueTime} where the prompt takes {whole.PromptTime}");
    }

    [Fact]
    public async Task Cancelling_during_the_answer_frees_the_engine_at_once()
    {
        using Qwen3ChatClient client = Qwen3ChatClient.Load(NanoModels.Instruct);
        // The token that would end the answer is forbidden.
        AI.ChatOptions endless = new()
        {
            RawRepresentationFactory = _ => new SamplingOptions { Temperature = 0, LogitBias = new Dictionary<int, float> { [151645] = float.NegativeInfinity, [151643] = float.NegativeInfinity } },
            MaxOutputTokens = 2000,
        };
        var clock = Stopwatch.StartNew();
        await client.GetResponseAsync([new(AI.ChatRole.User, "Hello!")], endless);
        TimeSpan whole = clock.Elapsed;

        using var cancellation = new CancellationTokenSource();
        int updates = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (AI.ChatResponseUpdate update in client.GetStreamingResponseAsync([new(AI.ChatRole.User, "Hello!")], endless, cancellation.Token))
            {
                if (++updates == 5)
                {
                    await cancellation.CancelAsync();
                }
            }
        });

        Assert.True(updates < 1000, $"{updates} updates came");
        AI.ChatResponse next = await client.GetResponseAsync([new(AI.ChatRole.User, "Hello!")], new AI.ChatOptions { Temperature = 0 });
        TimeSpan waited = ((GenerationResult)next.RawRepresentation!).QueueTime;
        Assert.True(waited < whole / 20, $"waited {waited} where the answer takes {whole}");
        Assert.Equal("Hello! How can I help you today?", next.Text);
    }

    [Fact]
    public async Task An_answer_that_strikes_text_through_goes_on()
    {
        // llama.cpp takes the ordinary token `</s>` for the end of an answer and prints it as nothing.
        using Qwen3ChatClient client = Qwen3ChatClient.Load(NanoModels.Instruct);
        AI.ChatResponse response = await client.GetResponseAsync([new(AI.ChatRole.User, "Hello!")], new AI.ChatOptions
        {
            RawRepresentationFactory = _ => new SamplingOptions { Temperature = 0, LogitBias = new Dictionary<int, float> { [128247] = 1000 } },
            MaxOutputTokens = 3,
        });
        Assert.Equal("</s></s></s>", response.Text);
    }

    [Fact]
    public async Task Two_hundred_chats_leave_the_memory_as_it_was()
    {
        const long Bound = 32L << 20;
        Kernel kernel = Build(NanoModels.Thinking);
        await using var services = (ServiceProvider)kernel.Services;
        string[] cities = ["Paris", "London", "Rome", "Berlin", "Madrid", "Hanoi", "Tokyo", "Osaka", "Seoul", "Beijing"];
        async Task ChatAsync(int number) => await AskAsync(kernel, [new(AuthorRole.User, $"What is the weather in {cities[number % cities.Length]}?")]);

        for (int i = 0; i < 20; i++)
        {
            await ChatAsync(i);
        }

        long before = ResidentSetSize();
        for (int i = 0; i < 200; i++)
        {
            await ChatAsync(i);
        }

        long growth = ResidentSetSize() - before;
        Assert.True(growth < Bound, $"the resident set grew by {growth >> 20} MiB");
    }

    [Fact]
    public async Task Models_that_come_and_go_leave_the_memory_as_it_was()
    {
        const long Bound = 16L << 20;
        const int Rounds = 8;

        // The C library keeps a pool for each thread that allocated, and it grows once when such a thread is the first to load a model. What is not
        // freed makes the memory grow each time.
        var growths = new List<long>();
        long before = ResidentSetSize();
        do
        {
            for (int i = 0; i < 10; i++)
            {
                Kernel kernel = Build(NanoModels.Instruct);
                await using var services = (ServiceProvider)kernel.Services;
                await AskAsync(kernel, [new(AuthorRole.User, "Hello!")]);
            }

            long after = ResidentSetSize();
            growths.Add(after - before);
            before = after;
        }
        while (growths[^1] >= Bound && growths.Count < Rounds);

        Assert.True(growths[^1] < Bound, $"with each ten models, the resident set grew by {string.Join(", ", growths.Select(growth => growth >> 20))} MiB");
    }

    private static PromptExecutionSettings Greedy => new()
    {
        FunctionChoiceBehavior = FunctionChoiceBehavior.Auto(),
        ExtensionData = new Dictionary<string, object> { ["temperature"] = 0 },
    };

    private static Kernel Build(string model)
    {
        IKernelBuilder builder = Kernel.CreateBuilder();
        builder.AddQwen3ChatCompletion(model);
        builder.Plugins.AddFromType<WeatherPlugin>("Weather");
        builder.Plugins.AddFromType<MailPlugin>("Mail");
        return builder.Build();
    }

    private static Task<ChatMessageContent> AskAsync(Kernel kernel, ChatHistory history, CancellationToken cancellationToken = default) =>
        kernel.GetRequiredService<IChatCompletionService>().GetChatMessageContentAsync(history, Greedy, kernel, cancellationToken);

    private static async Task<GenerationResult> TimeAsync(Kernel kernel, string question)
    {
        AI.ChatResponse response = await kernel.GetRequiredService<Qwen3ChatClient>().GetResponseAsync(
            [new(AI.ChatRole.User, question)], new AI.ChatOptions { Temperature = 0, MaxOutputTokens = 1 });
        return (GenerationResult)response.RawRepresentation!;
    }

    private static IAutoFunctionInvocationFilter Watching(List<string> seen)
    {
        var filter = new Mock<IAutoFunctionInvocationFilter>();
        filter.Setup(f => f.OnAutoFunctionInvocationAsync(It.IsAny<AutoFunctionInvocationContext>(), It.IsAny<Func<AutoFunctionInvocationContext, Task>>()))
            .Returns(async (AutoFunctionInvocationContext context, Func<AutoFunctionInvocationContext, Task> next) =>
            {
                await next(context);
                seen.Add($"{context.Function.PluginName}.{context.Function.Name}({context.Arguments!["city"]}) -> {context.Result}");
            });
        return filter.Object;
    }

    private static string Describe(ChatHistory history) => string.Join('\n', history.Select(message => $"{message.Role}: " + string.Join(", ", message.Items.Select(item => item switch
    {
        ReasoningContent reasoning => $"({reasoning.Text})",
        FunctionCallContent call => $"{call.PluginName}.{call.FunctionName}[{string.Join(';', call.Arguments!.Select(argument => $"{argument.Key}={argument.Value}"))}]",
        FunctionResultContent result => $"{result.PluginName}.{result.FunctionName} -> {result.Result}",
        _ => item.ToString(),
    }))));

    private static long ResidentSetSize()
    {
        // Twice, for finalizers free what the first collection found.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
