using System.Text.Json;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Moq;
using Qwen3.Chat;
using Qwen3.SemanticKernel.Mapping;
using AI = Microsoft.Extensions.AI;

namespace Qwen3.SemanticKernel.Tests.Mapping;

public sealed class MappingTests
{
    private static readonly Kernel s_kernel = CreateKernel();

    [Theory]
    [InlineData("Weather_GetWeather", "Weather", "GetWeather")]
    [InlineData("My_Own_Plugin_Get_It", "My_Own_Plugin", "Get_It")]
    [InlineData("Other_GetWeather", null, "Other_GetWeather")]
    [InlineData("GetWeather", null, "GetWeather")]
    [InlineData("_", null, "_")]
    [InlineData("", null, "")]
    public void A_joined_name_is_split_where_the_kernel_has_the_function(string name, string? plugin, string function)
    {
        Assert.Equal((plugin, function), new FunctionNames(s_kernel, tools: null).Split(name));
        Assert.Equal((null, name), new FunctionNames(kernel: null, tools: null).Split(name));
        Assert.Equal(name, FunctionNames.Join(plugin, function));
    }

    [Fact]
    public void A_history_goes_to_the_model_whole()
    {
        var history = new ChatHistory("Be brief.");
        history.AddUserMessage("Weather?");
        history.Add(
            new(
                AuthorRole.Assistant,
                [
                    new ReasoningContent("I look."),
                    new TextContent("One moment."),
                    new FunctionCallContent("GetWeather", "Weather", "id1", new() { ["city"] = "Paris" }),
                ]
            )
            {
                AuthorName = "helper",
            }
        );
        history.Add(new(AuthorRole.Tool, [new FunctionResultContent("GetWeather", "Weather", "id1", "sunny")]));

        AI.ChatMessage[] messages = [.. ToExtensionsAI.Messages(history)];

        Assert.Equal(["system", "user", "assistant", "tool"], messages.Select(message => message.Role.Value));
        Assert.Equal("I look.", Assert.IsType<AI.TextReasoningContent>(messages[2].Contents[0]).Text);
        Assert.Equal("One moment.", messages[2].Text);
        var call = Assert.IsType<AI.FunctionCallContent>(messages[2].Contents[2]);
        Assert.Equal(("id1", "Weather_GetWeather", "Paris"), (call.CallId, call.Name, call.Arguments!["city"]));
        Assert.Equal("helper", messages[2].AuthorName);
        var result = Assert.IsType<AI.FunctionResultContent>(messages[3].Contents[0]);
        Assert.Equal(("id1", "sunny"), (result.CallId, result.Result));
    }

    [Fact]
    public void What_the_model_cannot_read_is_named()
    {
        ChatMessageContent message = new(AuthorRole.User, [new ImageContent(new Uri("https://example.com/cat.png"))]);
        Assert.Contains(
            "ImageContent",
            Assert.Throws<NotSupportedException>(() => ToExtensionsAI.Messages([message]).ToList()).Message
        );
    }

    [Fact]
    public void An_answer_comes_back_as_Semantic_Kernels_own_contents()
    {
        var failure = new InvalidOperationException("bad arguments");
        AI.ChatMessage answer = new(
            AI.ChatRole.Assistant,
            [
                new AI.TextReasoningContent("hm"),
                new AI.TextContent("Hi"),
                new AI.FunctionCallContent(
                    "id1",
                    "Weather_GetWeather",
                    new Dictionary<string, object?> { ["city"] = "Paris" }
                )
                {
                    Exception = failure,
                },
                new AI.ErrorContent("not for the history"),
            ]
        )
        {
            AuthorName = "helper",
        };
        AI.ChatMessage result = new(
            AI.ChatRole.Tool,
            [new AI.FunctionResultContent("id1", "sunny") { Exception = failure }]
        );
        var usage = new AI.UsageDetails { InputTokenCount = 3 };
        DateTimeOffset now = DateTimeOffset.UnixEpoch;

        List<ChatMessageContent> messages = new ToSemanticKernel(new(s_kernel, tools: null)).Messages(
            new([answer, result])
            {
                ModelId = "qwen",
                ResponseId = "r",
                CreatedAt = now,
                FinishReason = AI.ChatFinishReason.ToolCalls,
                Usage = usage,
            }
        );

        Assert.Equal("Hi", messages[0].Content);
        Assert.Equal("hm", messages[0].Items.OfType<ReasoningContent>().Single().Text);
        FunctionCallContent call = messages[0].Items.OfType<FunctionCallContent>().Single();
        Assert.Equal(
            ("Weather", "GetWeather", "id1", "Paris"),
            (call.PluginName, call.FunctionName, call.Id, call.Arguments!["city"])
        );
        Assert.Same(failure, call.Exception);
        Assert.Same(answer.Contents[2], call.InnerContent);
        Assert.Equal(3, messages[0].Items.Count);
        Assert.Equal(("helper", "qwen"), (messages[0].AuthorName, messages[0].ModelId));
        Assert.Same(answer, messages[0].InnerContent);
        Assert.Equal(["CreatedAt", "Id"], messages[0].Metadata!.Keys.Order());
        FunctionResultContent resultContent = messages[1].Items.OfType<FunctionResultContent>().Single();
        Assert.Equal(
            ("Weather", "GetWeather", "id1", "sunny"),
            (resultContent.PluginName, resultContent.FunctionName, resultContent.CallId, resultContent.Result)
        );
        Assert.Same(failure, Assert.IsType<AI.FunctionResultContent>(resultContent.InnerContent).Exception);
        Assert.Equal(
            new Dictionary<string, object?>
            {
                ["Id"] = "r",
                ["CreatedAt"] = now,
                ["FinishReason"] = "tool_calls",
                ["Usage"] = usage,
            },
            messages[1].Metadata
        );
    }

    [Fact]
    public void A_stream_says_the_same_in_pieces()
    {
        var mapping = new ToSemanticKernel(new(s_kernel, tools: null));
        AI.ChatResponseUpdate Update(string id, params AI.AIContent[] contents) =>
            new(AI.ChatRole.Assistant, contents)
            {
                MessageId = id,
                ResponseId = id,
                ModelId = "qwen",
            };
        Dictionary<string, object?> city = new() { ["city"] = "Hà Nội" };
        AI.ChatResponseUpdate last = Update(
            "1",
            new AI.UsageContent(new() { InputTokenCount = 3, OutputTokenCount = 1 })
        );
        last.FinishReason = AI.ChatFinishReason.ToolCalls;
        StreamingChatMessageContent?[] stream =
        [
            mapping.Update(Update("1", new AI.TextReasoningContent("hm"))),
            mapping.Update(
                Update(
                    "1",
                    new AI.FunctionCallContent("a", "Weather_GetWeather", city),
                    new AI.FunctionCallContent("b", "Weather_GetWeather")
                )
            ),
            mapping.Update(last),
            mapping.Update(new(AI.ChatRole.Tool, [new AI.FunctionResultContent("a", "sunny")])),
            mapping.Update(Update("2", new AI.TextContent("Hi"))),
            mapping.Update(Update("2", new AI.FunctionCallContent("c", "f"))),
            mapping.Update(Update("2", new AI.UsageContent(new() { InputTokenCount = 10, OutputTokenCount = 2 }))),
            mapping.Update(Update("2")),
        ];

        Assert.Equal("hm", Assert.IsType<StreamingReasoningContent>(stream[0]!.Items.Single()).Text);
        StreamingFunctionCallUpdateContent[] calls = [.. stream[1]!.Items.OfType<StreamingFunctionCallUpdateContent>()];
        Assert.Equal(
            [("a", "Weather-GetWeather", "{\"city\":\"Hà Nội\"}", 0, 0), ("b", "Weather-GetWeather", "{}", 1, 0)],
            calls.Select(call => (call.CallId, call.Name, call.Arguments, call.FunctionCallIndex, call.RequestIndex))
        );
        Assert.Equal("tool_calls", stream[2]!.Metadata!["FinishReason"]);
        Assert.Null(stream[3]);
        Assert.Equal("Hi", stream[4]!.Content);
        Assert.Equal(
            (0, 1),
            (
                stream[5]!.Items.OfType<StreamingFunctionCallUpdateContent>().Single().FunctionCallIndex,
                stream[5]!.Items.OfType<StreamingFunctionCallUpdateContent>().Single().RequestIndex
            )
        );
        var usage = Assert.IsType<AI.UsageDetails>(stream[6]!.Metadata!["Usage"]);
        Assert.Equal((13, 3), (usage.InputTokenCount, usage.OutputTokenCount));
        Assert.Equal(3, ((AI.UsageDetails)stream[2]!.Metadata!["Usage"]!).InputTokenCount);
        Assert.Null(stream[7]);
        Assert.All(
            stream.OfType<StreamingChatMessageContent>(),
            content => Assert.Equal((AuthorRole.Assistant, "qwen"), (content.Role!.Value, content.ModelId))
        );

        var builder = new FunctionCallContentBuilder();
        builder.Append(stream[1]!);
        Assert.Equal(
            [("Weather", "GetWeather", "a"), ("Weather", "GetWeather", "b")],
            builder.Build().Select(call => (call.PluginName!, call.FunctionName, call.Id!))
        );
    }

    [Fact]
    public void A_history_survives_JSON()
    {
        AI.ChatMessage answer = new(
            AI.ChatRole.Assistant,
            [
                new AI.TextReasoningContent("hm"),
                new AI.FunctionCallContent(
                    "id1",
                    "Weather_GetWeather",
                    new Dictionary<string, object?> { ["city"] = "Paris" }
                ),
            ]
        );
        AI.ChatMessage result = new(AI.ChatRole.Tool, [new AI.FunctionResultContent("id1", "sunny")]);
        ChatHistory history =
        [
            .. new ToSemanticKernel(new(s_kernel, tools: null)).Messages(
                new([answer, result]) { Usage = new() { InputTokenCount = 3 } }
            ),
        ];

        ChatHistory restored = JsonSerializer.Deserialize<ChatHistory>(JsonSerializer.Serialize(history))!;

        Assert.Equal(Render(history), Render(restored));
        Assert.Contains("<think>\nhm\n</think>", Render(restored));
    }

    [Fact]
    public async Task The_model_that_made_calls_is_known_from_a_history_that_was_stored()
    {
        Mock<AI.IChatClient> thinking = Model("thinking"),
            instruct = Model("instruct");
        using var router = new Qwen3RoutingChatClient(thinking.Object, instruct.Object);
        Kernel kernel = Kernel.CreateBuilder().AddQwen3ChatCompletion(router).Build();
        kernel.Plugins.AddFromType<WeatherPlugin>("Weather");
        var service = kernel.GetRequiredService<IChatCompletionService>();
        Qwen3PromptExecutionSettings settings = new()
        {
            FunctionChoiceBehavior = FunctionChoiceBehavior.Auto(autoInvoke: false),
        };
        ChatHistory history = new("You are a helpful assistant.");
        history.AddUserMessage("Weather in Paris? /think");
        ChatMessageContent answer = await service.GetChatMessageContentAsync(history, settings, kernel);
        Assert.Equal("thinking", answer.ModelId);
        history.Add(answer);
        foreach (FunctionCallContent call in FunctionCallContent.GetFunctionCalls(answer))
        {
            history.Add((await call.InvokeAsync(kernel)).ToChatMessage());
        }

        // A switch to the other model, which counts from the next question on.
        history[1].Content = "Weather in Paris? /no_think";
        ChatHistory restored = JsonSerializer.Deserialize<ChatHistory>(JsonSerializer.Serialize(history))!;
        Assert.Equal("thinking", (await service.GetChatMessageContentAsync(history, settings, kernel)).ModelId);
        Assert.Equal("thinking", (await service.GetChatMessageContentAsync(restored, settings, kernel)).ModelId);
    }

    /// <summary>Stands for a model that calls a function whatever it is asked.</summary>
    private static Mock<AI.IChatClient> Model(string id)
    {
        var client = new Mock<AI.IChatClient>();
        client
            .Setup(c =>
                c.GetStreamingResponseAsync(
                    It.IsAny<IEnumerable<AI.ChatMessage>>(),
                    It.IsAny<AI.ChatOptions>(),
                    It.IsAny<CancellationToken>()
                )
            )
            .Returns(() =>
                new[]
                {
                    new AI.ChatResponseUpdate(
                        AI.ChatRole.Assistant,
                        [
                            new AI.FunctionCallContent(
                                "1",
                                "Weather_GetWeather",
                                new Dictionary<string, object?> { ["city"] = "Paris" }
                            ),
                        ]
                    )
                    {
                        ModelId = id,
                    },
                }.ToAsyncEnumerable()
            );
        return client;
    }

    private static string Render(ChatHistory history) =>
        Qwen3
            .Chat.Qwen3Prompt.Create(
                Qwen3.Chat.Qwen3Variant.Thinking,
                [new(AI.ChatRole.User, "Go"), .. ToExtensionsAI.Messages(history)]
            )
            .ToString();

    private static Kernel CreateKernel()
    {
        var kernel = new Kernel();
        kernel.Plugins.AddFromType<WeatherPlugin>("Weather");
        kernel.Plugins.AddFromFunctions("My_Own_Plugin", [KernelFunctionFactory.CreateFromMethod(() => 1, "Get_It")]);
        return kernel;
    }
}
