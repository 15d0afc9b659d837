using System.Text.Json;
using CsCheck;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using AI = Microsoft.Extensions.AI;

namespace Qwen3.SemanticKernel.Tests;

/// <summary>
/// Who invokes functions, under which names they are known, and what is left when a filter ends a request.
/// </summary>
public sealed class AutomaticInvocationTests
{
    public static TheoryData<bool, bool, bool, bool> Ways() =>
        new(
            from required in (bool[])[false, true]
            from streams in (bool[])[false, true]
            from withKernel in (bool[])[false, true]
            from plain in (bool[])[false, true]
            select new TheoryDataRow<bool, bool, bool, bool>(required, streams, withKernel, plain));

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_function_is_never_executed_where_automatic_invocation_is_off(
        bool required,
        bool streams,
        bool withKernel,
        bool plain)
    {
        int executed = 0;
        KernelPlugin plugin = KernelPluginFactory.CreateFromFunctions(
            "Weather",
            [KernelFunctionFactory.CreateFromMethod((string city) => ++executed, "GetWeather")]);
        KernelFunction[] functions = [.. plugin];
        FunctionChoiceBehavior behavior = required
            ? FunctionChoiceBehavior.Required(functions, autoInvoke: false)
            : FunctionChoiceBehavior.Auto(functions, autoInvoke: false);
        PromptExecutionSettings settings = plain
            ? new() { FunctionChoiceBehavior = behavior }
            : new Qwen3PromptExecutionSettings { FunctionChoiceBehavior = behavior };
        ScriptedClient client = new([Call("1", "Weather_GetWeather")], [new AI.TextContent("done")]);
        // As a container registers it, and as an app builds it with the client of Microsoft.Extensions.AI.
        IChatCompletionService[] services =
        [
            Kernel.CreateBuilder().AddQwen3ChatCompletion(client).Build().GetRequiredService<IChatCompletionService>(),
            new Qwen3ChatCompletionService(new AI.FunctionInvokingChatClient(client)),
        ];
        foreach (IChatCompletionService service in services)
        {
            client.Restart();
            ChatHistory history = [new(AuthorRole.User, "Go")];
            FunctionCallContent call = streams
                ? await StreamedCallAsync(service, history, settings, withKernel ? new Kernel() : null)
                : FunctionCallContent
                    .GetFunctionCalls(
                        await service.GetChatMessageContentAsync(history, settings, withKernel ? new Kernel() : null))
                    .Single();

            Assert.Equal(("Weather", "GetWeather", "1"), (call.PluginName, call.FunctionName, call.Id));
            Assert.Equal("Rome", call.Arguments!["city"]?.ToString());
            Assert.Single(history);
        }

        Assert.Equal(0, executed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_function_of_no_kernel_is_never_executed_over_the_registered_chat_client(bool required)
    {
        int executed = 0;
        KernelFunction function = KernelFunctionFactory.CreateFromMethod((string city) => ++executed, "GetWeather");
        ScriptedClient client = new([Call("1", "GetWeather")], [new AI.TextContent("done")]);
        var registered = Kernel
            .CreateBuilder()
            .AddQwen3ChatCompletion(client)
            .Build()
            .GetRequiredService<AI.IChatClient>();
        var settings = new Qwen3PromptExecutionSettings
        {
            FunctionChoiceBehavior = required
                ? FunctionChoiceBehavior.Required([function], autoInvoke: false)
                : FunctionChoiceBehavior.Auto([function], autoInvoke: false),
        };

        AI.ChatResponse response = await registered.GetResponseAsync(
            [new(AI.ChatRole.User, "Go")],
            settings.ToChatOptions(kernel: null));

        Assert.IsType<AI.FunctionCallContent>(response.Messages.Single().Contents.Single());
        Assert.Equal(0, executed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_offered_function_keeps_the_name_of_its_plugin_whether_or_not_the_kernel_has_it(bool inKernel)
    {
        // Underscores in both names, which leave more than one place to split at.
        KernelPlugin plugin = KernelPluginFactory.CreateFromFunctions(
            "My_Weather",
            [KernelFunctionFactory.CreateFromMethod((string city) => city, "Get_It")]);
        ScriptedClient client = new([Call("1", "My_Weather_Get_It")], [new AI.TextContent("done")]);
        Kernel kernel = Kernel.CreateBuilder().AddQwen3ChatCompletion(client).Build();
        if (inKernel)
        {
            kernel.Plugins.Add(plugin);
        }

        var service = kernel.GetRequiredService<IChatCompletionService>();
        var settings = new Qwen3PromptExecutionSettings
        {
            FunctionChoiceBehavior = FunctionChoiceBehavior.Auto(plugin, autoInvoke: false),
        };
        ChatMessageContent answer = await service.GetChatMessageContentAsync(
            [new(AuthorRole.User, "Go")],
            settings,
            kernel);
        FunctionCallContent call = FunctionCallContent.GetFunctionCalls(answer).Single();
        Assert.Equal(("My_Weather", "Get_It"), (call.PluginName, call.FunctionName));

        client.Restart();
        var update = await service.GetStreamingChatMessageContentsAsync([new(AuthorRole.User, "Go")], settings, kernel)
            .SelectMany(content => content.Items.OfType<StreamingFunctionCallUpdateContent>()).SingleAsync();
        Assert.Equal("My_Weather-Get_It", update.Name);
    }

    [Fact]
    public async Task A_filter_that_terminates_leaves_the_same_history_whole_and_streamed()
    {
        await Gen.Select(Gen.Int[1, 4], Gen.Int[0, 3], Gen.Int[0, 2])
            .SampleAsync(
                async (calls, last, stepsBefore) =>
                {
                    last = Math.Min(last, calls - 1);
                    (ChatHistory whole, ChatMessageContent answer) = await TerminateAsync(
                        calls,
                        last,
                        stepsBefore,
                        streams: false);
                    (ChatHistory streamed, ChatMessageContent end) = await TerminateAsync(
                        calls,
                        last,
                        stepsBefore,
                        streams: true);

                    Assert.Equal(Contents(whole), Contents(streamed));
                    Assert.Equal(1 + (2 * (stepsBefore + 1)), whole.Count);
                    // As with Semantic Kernel's OpenAI connector: the last message is the answer, and in the history.
                    Assert.Same(whole[^1], answer);
                    Assert.Equal(
                        (AuthorRole.Tool, $"result {last}", AuthorRole.Tool, $"result {last}"),
                        (answer.Role, answer.Content, end.Role, end.Content));
                    Assert.Equal(last + 1, whole[^1].Items.OfType<FunctionResultContent>().Count());
                    Assert.Equal(calls, FunctionCallContent.GetFunctionCalls(whole[^2]).Count());
                },
                iter: 30);
    }

    private static IEnumerable<string> Contents(ChatHistory history) =>
        history.Select(message =>
            $"{message.Role} "
            + string.Join(
                ' ',
                message.Items.Select(item =>
                    item switch
                    {
                        FunctionCallContent call =>
                            $"call {call.Id} {call.PluginName} {call.FunctionName} {call.Arguments?["city"]}",
                        FunctionResultContent result =>
                            $"result {result.CallId} {result.PluginName} {result.FunctionName} {result.Result}",
                        _ => $"{item.GetType().Name} {item}",
                    }
                )));

    private static async Task<(ChatHistory History, ChatMessageContent End)> TerminateAsync(
        int calls,
        int last,
        int stepsBefore,
        bool streams)
    {
        AI.AIContent[] Calls(string step) =>
            [.. Enumerable.Range(0, calls).Select(i => Call($"{step}-{i}", "Weather_GetWeather"))];
        ScriptedClient client = new([.. Enumerable.Range(0, stepsBefore + 1).Select(step => Calls($"{step}"))]);
        Kernel kernel = Kernel.CreateBuilder().AddQwen3ChatCompletion(client).Build();
        int executed = 0;
        kernel.Plugins.AddFromFunctions(
            "Weather",
            [KernelFunctionFactory.CreateFromMethod((string city) => $"result {executed++ % calls}", "GetWeather")]);
        kernel.AutoFunctionInvocationFilters.Add(
            new TerminatingFilter(context => executed == (calls * stepsBefore) + last + 1));
        ChatHistory history = [new(AuthorRole.User, "Go")];
        var settings = new Qwen3PromptExecutionSettings { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() };
        var service = kernel.GetRequiredService<IChatCompletionService>();
        if (!streams)
        {
            return (history, await service.GetChatMessageContentAsync(history, settings, kernel));
        }

        StreamingChatMessageContent end = await service
            .GetStreamingChatMessageContentsAsync(history, settings, kernel)
            .LastAsync();
        return (history, new(end.Role!.Value, end.Content));
    }

    private static async Task<FunctionCallContent> StreamedCallAsync(
        IChatCompletionService service, ChatHistory history, PromptExecutionSettings settings, Kernel? kernel)
    {
        var builder = new FunctionCallContentBuilder();
        await foreach (
            StreamingChatMessageContent update in service.GetStreamingChatMessageContentsAsync(
                history,
                settings,
                kernel))
        {
            builder.Append(update);
        }

        return builder.Build().Single();
    }

    private static AI.FunctionCallContent Call(string id, string name) =>
        new(id, name, new Dictionary<string, object?> { ["city"] = JsonElement.Parse("\"Rome\"") });

    private sealed class TerminatingFilter(Func<AutoFunctionInvocationContext, bool> isLast)
        : IAutoFunctionInvocationFilter
    {
        public async Task OnAutoFunctionInvocationAsync(
            AutoFunctionInvocationContext context,
            Func<AutoFunctionInvocationContext, Task> next)
        {
            await next(context);
            context.Terminate = isLast(context);
        }
    }
}
