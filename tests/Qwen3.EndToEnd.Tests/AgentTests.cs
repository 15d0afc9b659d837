using System.Text.Json;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using Qwen3.Chat;
using Qwen3.Chat.Tests;

namespace Qwen3.EndToEnd.Tests;

/// <summary>Agents of Microsoft Agent Framework over the nano models.</summary>
public sealed class AgentTests : IDisposable
{
    private const string WeatherInRome = "What is the weather in Rome? Send it to Anna.";
    private const string SunnyInRome = "It is sunny in Rome with 21 degrees. I sent it to Anna.";

    private readonly Qwen3ChatClient _model = Qwen3ChatClient.Load(NanoModels.Thinking, new() { Engine = { Threads = 1 } });
    private readonly List<(ChatMessage[] Messages, ChatOptions? Options, UsageDetails Usage)> _requests = [];

    [Fact]
    public async Task An_agent_calls_its_tools_and_its_messages_have_the_reasoning()
    {
        AIAgent agent = CreateAgent();
        AgentResponse response = await agent.RunAsync(WeatherInRome);

        Assert.Equal(SunnyInRome, response.Text);
        Assert.Equal(
            [ChatRole.Assistant, ChatRole.Tool, ChatRole.Assistant, ChatRole.Tool, ChatRole.Assistant],
            response.Messages.Select(message => message.Role));
        Assert.Equal(
            ["Weather_GetWeather", "Mail_SendMessage"],
            response.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>().Select(call => call.Name));
        Assert.All(response.Messages.Where(message => message.Role == ChatRole.Assistant), message => Assert.IsType<TextReasoningContent>(message.Contents[0]));
        Assert.All(response.Messages.Where(message => message.Role == ChatRole.Assistant), message => Assert.Equal("Forecaster", message.AuthorName));
        Assert.Equal(agent.Id, response.AgentId);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.Equal(3, _requests.Count);
        Assert.All(_requests, request => Assert.Equal("You are kind.", request.Options!.Instructions));
        Assert.Equal(_requests.Sum(request => request.Usage.OutputTokenCount), response.Usage!.OutputTokenCount);
        // The reasoning of a step is in the next one's prompt, or its tokens would not be found again.
        Assert.Equal(_requests[0].Usage.TotalTokenCount, _requests[1].Usage.CachedInputTokenCount);
        Assert.Equal(_requests[1].Usage.TotalTokenCount, _requests[2].Usage.CachedInputTokenCount);
    }

    [Fact]
    public async Task A_streamed_run_is_the_run_in_pieces()
    {
        AIAgent agent = CreateAgent(_model);
        AgentResponse whole = await agent.RunAsync(WeatherInRome);
        List<AgentResponseUpdate> updates = await agent.RunStreamingAsync(WeatherInRome).ToListAsync(TestContext.Current.CancellationToken);

        Assert.Equal(Describe(whole.Messages), Describe(updates.ToAgentResponse().Messages));
        Assert.True(updates.Count(update => update.Text.Length > 0) > 5);
    }

    [Fact]
    public async Task A_session_goes_on_over_turns_and_computes_only_what_is_new()
    {
        AIAgent agent = CreateAgent();
        AgentSession session = await agent.CreateSessionAsync();
        await agent.RunAsync("Hello!", session);
        UsageDetails first = _requests[^1].Usage;
        AgentResponse second = await agent.RunAsync("What is the weather in Paris?", session);

        Assert.Equal("It is sunny in Paris with 21 degrees.", second.Text);
        Assert.Equal(["Hello!", "Hello! How can I help you today?", "What is the weather in Paris?"], _requests[1].Messages.Select(message => message.Text));
        Assert.IsType<TextReasoningContent>(_requests[1].Messages[1].Contents[0]);
        // A new question's prompt has the answers before without their reasoning, as the model was trained.
        Assert.InRange(_requests[1].Usage.CachedInputTokenCount!.Value, first.InputTokenCount!.Value - 8, first.TotalTokenCount!.Value);

        AgentSession other = await agent.CreateSessionAsync();
        await agent.RunAsync("Thank you!", other);
        Assert.Equal(["Thank you!"], _requests[^1].Messages.Select(message => message.Text));
    }

    [Fact]
    public async Task A_stored_session_is_resumed_by_another_agent_as_if_it_had_never_stopped()
    {
        AIAgent agent = CreateAgent();
        AgentSession session = await agent.CreateSessionAsync();
        await agent.RunAsync(WeatherInRome, session);
        string stored = (await agent.SerializeSessionAsync(session)).GetRawText();
        AgentResponse next = await agent.RunAsync("What is the weather in Paris?", session);
        ChatMessage[] expected = _requests[^1].Messages;

        AIAgent another = CreateAgent();
        AgentSession resumed = await another.DeserializeSessionAsync(JsonElement.Parse(stored));
        AgentResponse response = await another.RunAsync("What is the weather in Paris?", resumed);

        Assert.Equal(Describe(next.Messages), Describe(response.Messages));
        Assert.Equal(Describe(expected), Describe(_requests[^1].Messages));
        Assert.Contains("(", Describe(_requests[^1].Messages));
        // All of the conversation was computed before, up to the end of the first answer to this question.
        Assert.Equal(_requests[^1].Usage.InputTokenCount - 1, _requests[^1].Usage.CachedInputTokenCount);
    }

    public void Dispose() => _model.Dispose();

    private AIAgent CreateAgent(IChatClient? client = null) => new ChatClientAgent(
        client ?? _model.AsBuilder().Use(WatchAsync, getStreamingResponseFunc: null).Build(),
        new ChatClientAgentOptions
        {
            Name = "Forecaster",
            ChatOptions = new() { Instructions = "You are kind.", Temperature = 0, Tools = [NanoTools.Weather, NanoTools.Send] },
        });

    private async Task<ChatResponse> WatchAsync(IEnumerable<ChatMessage> messages, ChatOptions? options, IChatClient model, CancellationToken cancellationToken)
    {
        ChatMessage[] asked = [.. messages];
        ChatResponse response = await model.GetResponseAsync(asked, options, cancellationToken);
        // Function invocation adds the usage of later steps to this one's.
        var usage = new UsageDetails();
        usage.Add(response.Usage!);
        _requests.Add((asked, options, usage));
        return response;
    }

    private static string Describe(IEnumerable<ChatMessage> messages) =>
        string.Join('\n', messages.Select(message => $"{message.Role}: {string.Concat(message.Contents.Select(Describe))}"));

    private static string? Describe(AIContent content) => content switch
    {
        TextReasoningContent reasoning => $"({reasoning.Text})",
        FunctionCallContent call => $"[{call.Name} {JsonSerializer.Serialize(call.Arguments)}]",
        FunctionResultContent result => $"{result.Result}",
        _ => content.ToString(),
    };
}
