using System.Net;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Qwen3.Chat;

namespace Qwen3.Remote.Tests;

/// <summary>The behaviour of a model, in the process and on each server.</summary>
public sealed class HostedModelTests(ChatClientFixture clients) : IClassFixture<ChatClientFixture>
{
    private const string TwoCities = "What is the weather in Hanoi and Tokyo?";

    private static readonly string[] s_twoCalls = ["Weather_GetWeather {\"city\":\"Hanoi\"}", "Weather_GetWeather {\"city\":\"Tokyo\"}"];

    private static readonly CancellationToken s_token = TestContext.Current.CancellationToken;

    private sealed record Person(string Name, int Age, string City);

    public static TheoryData<string> Places => HostedModel.Places;

    public static TheoryData<string> Servers => HostedModel.Servers;

    public static TheoryData<string> ServersOfNano => HostedModel.ServersOfNano;

    public static TheoryData<string> ServersWithKey => HostedModel.ServersWithKey;

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Reasoning_comes_before_the_text(string place)
    {
        await using HostedModel model = await HostedModel.StartAsync(place, clients.Thinking);
        foreach (ChatResponse response in await AnswersAsync(model.Client, "Hello!", NanoTools.Greedy()))
        {
            ChatMessage message = Assert.Single(response.Messages);
            Assert.Equal([typeof(TextReasoningContent), typeof(TextContent)], message.Contents.Select(content => content.GetType()));
            AssertText(model, "A simple message, so I answer directly.", ((TextReasoningContent)message.Contents[0]).Text);
            AssertText(model, "Hello! How can I help you today?", response.Text);
            Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
            Assert.Equal(model.Client.GetService<ChatClientMetadata>()!.DefaultModelId, response.ModelId);
        }
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task A_stream_has_several_pieces_and_its_usage_at_the_end(string place)
    {
        await using HostedModel model = await HostedModel.StartAsync(place, clients.Thinking);
        List<ChatResponseUpdate> updates = await model.Client.GetStreamingResponseAsync("Hello!", NanoTools.Greedy()).ToListAsync(s_token);

        Assert.True(updates.Count(update => update.Contents.OfType<TextReasoningContent>().Any()) > 1);
        Assert.True(updates.Count(update => update.Text.Length > 0) > 1);
        Assert.Single(updates.Select(update => (update.MessageId, update.ResponseId, update.Role)).Distinct());
        UsageDetails usage = Assert.Single(updates.SelectMany(update => update.Contents).OfType<UsageContent>()).Details;
        Assert.True(usage is { InputTokenCount: > 0, OutputTokenCount: > 0 });
        Assert.Equal(usage.TotalTokenCount, usage.InputTokenCount + usage.OutputTokenCount);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Two_functions_are_called_in_one_answer(string place)
    {
        await using HostedModel model = await HostedModel.StartAsync(place, clients.Thinking);
        foreach (ChatResponse response in await AnswersAsync(model.Client, TwoCities, NanoTools.Greedy(NanoTools.All)))
        {
            FunctionCallContent[] calls = [.. response.Messages[0].Contents.OfType<FunctionCallContent>()];
            Assert.Equal(s_twoCalls, calls.Select(Describe));
            Assert.NotEqual(calls[0].CallId, calls[1].CallId);
            Assert.IsType<TextReasoningContent>(response.Messages[0].Contents[0]);
            Assert.Equal(("", ChatFinishReason.ToolCalls), (response.Text, response.FinishReason));
        }
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task One_call_ends_the_turn_when_several_are_not_allowed(string place)
    {
        await using HostedModel model = await HostedModel.StartAsync(place, clients.Thinking);
        ChatOptions options = NanoTools.Greedy(NanoTools.All);
        options.AllowMultipleToolCalls = false;
        foreach (ChatResponse response in await AnswersAsync(model.Client, TwoCities, options))
        {
            Assert.Equal(s_twoCalls[0], Describe(Assert.Single(response.Messages[0].Contents.OfType<FunctionCallContent>())));
        }
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Functions_can_be_required(string place)
    {
        await using HostedModel model = await HostedModel.StartAsync(place, clients.Thinking);
        foreach (ChatToolMode mode in (ChatToolMode[])[ChatToolMode.RequireAny, ChatToolMode.RequireSpecific("Weather_GetWeather")])
        {
            ChatOptions options = NanoTools.Greedy(NanoTools.All);
            options.ToolMode = mode;
            foreach (ChatResponse response in await AnswersAsync(model.Client, TwoCities, options))
            {
                Assert.Equal(s_twoCalls, response.Messages[0].Contents.OfType<FunctionCallContent>().Select(Describe));
            }

            options.ToolMode = ChatToolMode.RequireSpecific("Weather_GetWether");
            var exception = await Assert.ThrowsAsync<ArgumentException>(() => model.Client.GetResponseAsync(TwoCities, options));
            Assert.Contains("'Weather_GetWether'", exception.Message);
        }
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task An_answer_fits_the_schema_of_a_type(string place)
    {
        await using HostedModel model = await HostedModel.StartAsync(place, clients.Thinking);
        ChatOptions options = NanoTools.Greedy();
        options.ResponseFormat = ChatResponseFormat.ForJsonSchema<Person>();
        foreach (ChatResponse response in await AnswersAsync(model.Client, "Extract the name, age and city: Anna is 30 years old and lives in Rome.", options))
        {
            // The nano model gets the form right, and copies names as it can.
            Assert.Equal(["name", "age", "city"], JsonElement.Parse(response.Text).EnumerateObject().Select(member => member.Name));
            Assert.Equal(30, JsonSerializer.Deserialize<Person>(response.Text, AIJsonUtilities.DefaultOptions)!.Age);
        }
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Reasoning_can_be_excluded(string place)
    {
        await using HostedModel model = await HostedModel.StartAsync(place, clients.Thinking);
        ChatOptions options = NanoTools.Greedy();
        options.Reasoning = new() { Output = ReasoningOutput.None };
        foreach (ChatResponse response in await AnswersAsync(model.Client, "Hello!", options))
        {
            Assert.DoesNotContain(response.Messages[0].Contents, content => content is TextReasoningContent);
            AssertText(model, "Hello! How can I help you today?", response.Text);
        }
    }

    [Theory]
    [MemberData(nameof(ServersOfNano))]
    public async Task The_prompt_equals_that_of_the_local_model(string place)
    {
        await using HostedModel model = await HostedModel.StartAsync(place, clients.Thinking);
        ChatMessage[] conversation =
        [
            new(ChatRole.System, "Be brief."),
            new(ChatRole.User, TwoCities),
            new(ChatRole.Assistant,
            [
                new TextReasoningContent("The tool knows."),
                new TextContent("Let me see."),
                new FunctionCallContent("a", "Weather_GetWeather", new Dictionary<string, object?> { ["city"] = "Hanoi" }),
                new FunctionCallContent("b", "Weather_GetWeather", new Dictionary<string, object?> { ["city"] = "Tokyo" }),
            ]),
            new(ChatRole.Tool, [new FunctionResultContent("a", "sunny"), new FunctionResultContent("b", new { sky = "clear", degrees = 21 })]),
        ];
        ChatResponse here = await clients.Thinking.GetResponseAsync(conversation, NanoTools.Greedy(NanoTools.All));
        ChatResponse there = await model.Client.GetResponseAsync(conversation, NanoTools.Greedy(NanoTools.All));
        Assert.Equal((here.Usage!.InputTokenCount, here.Text, Reasoning(here)), (there.Usage!.InputTokenCount, there.Text, Reasoning(there)));
    }

    [Theory]
    [MemberData(nameof(ServersOfNano))]
    public async Task Thinking_ends_at_the_budget(string place)
    {
        await using HostedModel model = await HostedModel.StartAsync(place, clients.Thinking);
        foreach (int budget in (int[])[0, 3])
        {
            ChatOptions options = NanoTools.Greedy();
            options.AdditionalProperties = new() { ["thinking_budget"] = budget };
            string here = Reasoning(await clients.Thinking.GetResponseAsync("Hello!", options));
            Assert.All(await AnswersAsync(model.Client, "Hello!", options), response => AssertText(model, here, Reasoning(response)));
        }
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Contents_that_the_model_cannot_read_are_refused(string place)
    {
        await using HostedModel model = await HostedModel.StartAsync(place, clients.Thinking);
        var image = new ChatMessage(ChatRole.User, [new DataContent(new byte[] { 1 }, "image/png")]);
        var exception = await Assert.ThrowsAsync<NotSupportedException>(() => model.Client.GetResponseAsync([image]));
        Assert.Contains("image/png", exception.Message);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => model.Client.GetResponseAsync("Hello!", new() { AdditionalProperties = new() { ["thinking_budget"] = -1 } }));
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Cancelling_an_answer_leaves_the_next_one_unchanged(string place)
    {
        await using HostedModel model = await HostedModel.StartAsync(place, clients.Thinking);
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(s_token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (ChatResponseUpdate _ in model.Client.GetStreamingResponseAsync("Hello!", NanoTools.Greedy(), cancellation.Token))
            {
                cancellation.Cancel();
            }
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => model.Client.GetResponseAsync("Hello!", NanoTools.Greedy(), cancellation.Token));
        Assert.NotEmpty((await model.Client.GetResponseAsync("Hello!", NanoTools.Greedy(), s_token)).Text);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_missing_model_is_reported_with_the_models_of_the_server(string place)
    {
        await using HostedModel model = await HostedModel.StartAsync(place, clients.Thinking);
        string? there = null;
        using Qwen3RemoteChatClient client = model.CreateClient(options => options.Model = (there = options.Model) + "-2");
        foreach (ModelServerException exception in await FailuresAsync(client))
        {
            Assert.Contains($"no model '{there}-2'", exception.Message);
            Assert.Contains($"'{there}'", exception.Message);
            Assert.Equal((HttpStatusCode.NotFound, false, client.Metadata.ProviderUri), (exception.StatusCode, exception.IsTransient, exception.Endpoint));
        }
    }

    [Theory]
    [MemberData(nameof(ServersWithKey))]
    public async Task A_wrong_or_missing_key_is_reported_without_the_key(string place)
    {
        await using HostedModel model = await HostedModel.StartAsync(place, clients.Thinking);
        using Qwen3RemoteChatClient wrong = model.CreateClient(options => options.ApiKey = "secret-1234");
        using Qwen3RemoteChatClient missing = model.CreateClient(options => options.ApiKey = null);
        foreach (ModelServerException exception in await FailuresAsync(wrong))
        {
            Assert.Contains("does not take the key", exception.Message);
            Assert.DoesNotContain("secret-1234", exception.ToString());
            Assert.Equal((HttpStatusCode.Unauthorized, false), (exception.StatusCode, exception.IsTransient));
        }

        Assert.All(await FailuresAsync(missing), exception => Assert.Contains("asks for a key", exception.Message));
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_connection_lost_in_the_middle_of_an_answer_is_a_transient_error(string place)
    {
        await using HostedModel model = await HostedModel.StartAsync(place, clients.Thinking);
        using HttpClient line = BreakingLine.CreateClient();
        using Qwen3RemoteChatClient client = model.CreateClient(options => options.HttpClient = line);
        List<ChatResponseUpdate> updates = [];
        var exception = await Assert.ThrowsAsync<ModelServerException>(async () =>
        {
            await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("Hello!", NanoTools.Greedy(), s_token))
            {
                updates.Add(update);
            }
        });
        Assert.Contains("broke off in the middle of its answer", exception.Message);
        Assert.True(exception.IsTransient);
        Assert.NotEmpty(updates);
    }

    /// <summary>What the nano model says is known; of a real one, that it says something.</summary>
    private static void AssertText(HostedModel model, string nanosText, string text)
    {
        if (model.IsNano)
        {
            Assert.Equal(nanosText, text);
        }
        else
        {
            Assert.NotEmpty(text.Trim());
        }
    }

    private static string Reasoning(ChatResponse response) => string.Concat(response.Messages[0].Contents.OfType<TextReasoningContent>().Select(content => content.Text));

    /// <summary>Returns the exceptions of a request, whole and streamed.</summary>
    private static async Task<ModelServerException[]> FailuresAsync(IChatClient client) =>
    [
        await Assert.ThrowsAsync<ModelServerException>(() => client.GetResponseAsync("Hello!")),
        await Assert.ThrowsAsync<ModelServerException>(() => client.GetStreamingResponseAsync("Hello!").ToChatResponseAsync(s_token)),
    ];

    /// <summary>The answer as a whole and as a stream.</summary>
    private static async Task<ChatResponse[]> AnswersAsync(IChatClient client, string question, ChatOptions options) =>
    [
        await client.GetResponseAsync(question, options),
        await client.GetStreamingResponseAsync(question, options).ToChatResponseAsync(s_token),
    ];

    private static string Describe(FunctionCallContent call) => $"{call.Name} {JsonSerializer.Serialize(call.Arguments)}";
}
