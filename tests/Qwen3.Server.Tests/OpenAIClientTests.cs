using System.ClientModel;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Models;

namespace Qwen3.Server.Tests;

/// <summary>OpenAI's own client for .NET, and Microsoft.Extensions.AI over it.</summary>
public sealed class OpenAIClientTests : IAsyncLifetime
{
    private const string Key = "a-key-of-this-server";

    private static readonly ChatTool s_weather = ChatTool.CreateFunctionTool(
        "get_weather",
        "Gets the current weather in a city.",
        BinaryData.FromString("""{"type":"object","properties":{"city":{"type":"string","description":"The city"}},"required":["city"]}"""));

    private WebApplication _app = null!;

    public async ValueTask InitializeAsync() => _app = await ServerFixture.StartAsync(options: options => options.ApiKeys = [Key]);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task It_lists_the_models()
    {
        OpenAIModelCollection models = await Client().GetOpenAIModelClient().GetModelsAsync();
        Assert.Equal([ServerFixture.Instruct, ServerFixture.Thinking], models.Select(model => model.Id));
    }

    [Fact]
    public async Task It_calls_functions_and_gives_their_results_back()
    {
        ChatClient chat = Chat();
        List<OpenAI.Chat.ChatMessage> messages = [new UserChatMessage("What is the weather in Hanoi and Tokyo?")];
        var options = new ChatCompletionOptions { Temperature = 0, Tools = { s_weather } };
        ChatCompletion completion = await chat.CompleteChatAsync(messages, options);
        Assert.Equal(OpenAI.Chat.ChatFinishReason.ToolCalls, completion.FinishReason);
        Assert.Equal(["""{"city":"Hanoi"}""", """{"city":"Tokyo"}"""], completion.ToolCalls.Select(call => call.FunctionArguments.ToString()));
        messages.Add(new AssistantChatMessage(completion));
        messages.AddRange(completion.ToolCalls.Select(call => new ToolChatMessage(call.Id, "sunny, 21 degrees")));
        completion = await chat.CompleteChatAsync(messages, options);
        Assert.Equal(OpenAI.Chat.ChatFinishReason.Stop, completion.FinishReason);
        Assert.Contains("Hanoi", completion.Content[0].Text);
        Assert.True(completion.Usage.InputTokenDetails.CachedTokenCount > 0);
    }

    [Fact]
    public async Task It_streams_text_calls_and_usage()
    {
        var text = new StringBuilder();
        OpenAI.Chat.ChatTokenUsage? usage = null;
        await foreach (StreamingChatCompletionUpdate update in Chat().CompleteChatStreamingAsync(
            [new UserChatMessage("What can you do?")], new() { Temperature = 0 }))
        {
            text.AppendJoin("", update.ContentUpdate.Select(part => part.Text));
            usage = update.Usage ?? usage;
        }

        ChatCompletion whole = await Chat().CompleteChatAsync([new UserChatMessage("What can you do?")], new() { Temperature = 0 });
        Assert.Equal(whole.Content[0].Text, text.ToString());
        Assert.Equal(whole.Usage.OutputTokenCount, usage?.OutputTokenCount);

        List<StreamingChatToolCallUpdate> calls = [];
        await foreach (StreamingChatCompletionUpdate update in Chat().CompleteChatStreamingAsync(
            [new UserChatMessage("What is the weather in Hanoi and Tokyo?")], new() { Temperature = 0, Tools = { s_weather } }))
        {
            calls.AddRange(update.ToolCallUpdates);
        }

        Assert.Equal([0, 1], calls.Select(call => call.Index));
        Assert.Equal(["""{"city":"Hanoi"}""", """{"city":"Tokyo"}"""], calls.Select(call => call.FunctionArgumentsUpdate.ToString()));
    }

    [Fact]
    public async Task It_can_require_a_call_and_a_schema()
    {
        ChatCompletion call = await Chat().CompleteChatAsync(
            [new UserChatMessage("Hello!")],
            new()
            {
                Temperature = 0,
                Tools = { s_weather },
                ToolChoice = ChatToolChoice.CreateFunctionChoice("get_weather"),
                AllowParallelToolCalls = false,
            });
        Assert.Equal("get_weather", Assert.Single(call.ToolCalls).FunctionName);
        ChatCompletion person = await Chat().CompleteChatAsync(
            [new UserChatMessage("Extract the person: Anna is 30 and lives in Rome.")],
            new()
            {
                Temperature = 0,
                ResponseFormat = OpenAI.Chat.ChatResponseFormat.CreateJsonSchemaFormat(
                    "person",
                    BinaryData.FromString("""
                        {"type":"object","properties":{"name":{"type":"string","maxLength":4}},"required":["name"],"additionalProperties":false}
                        """),
                    jsonSchemaIsStrict: true),
            });
        Assert.Equal("""{"name":"Anna"}""", person.Content[0].Text.Replace(" ", ""));
    }

    [Fact]
    public async Task It_reads_what_is_refused()
    {
        static async Task<ClientResultException> RefusalAsync(ChatClient chat) =>
            await Assert.ThrowsAsync<ClientResultException>(() => chat.CompleteChatAsync([new UserChatMessage("Hello!")]));
        ClientResultException wrongKey = await RefusalAsync(Chat(key: "another"));
        Assert.Equal(401, wrongKey.Status);
        ClientResultException wrongModel = await RefusalAsync(Chat("gpt-4o"));
        Assert.Equal(404, wrongModel.Status);
        Assert.Contains("model_not_found", wrongModel.Message);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Microsofts_abstraction_over_it_runs_a_loop_of_calls(bool isStreamed)
    {
        IChatClient client = Chat(ServerFixture.Thinking).AsIChatClient().AsBuilder().UseFunctionInvocation().Build();
        ChatOptions options = NanoTools.Greedy(NanoTools.Weather);
        ChatResponse response = isStreamed
            ? await client.GetStreamingResponseAsync("What is the weather in Paris?", options).ToChatResponseAsync()
            : await client.GetResponseAsync("What is the weather in Paris?", options);
        Assert.Contains("21", response.Text);
        Assert.Single(response.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>());
        Assert.True(response.Usage?.ReasoningTokenCount > 0);
        Assert.Contains(response.Messages.SelectMany(message => message.Contents), content => content is TextReasoningContent { Text.Length: > 0 });
    }

    private ChatClient Chat(string model = ServerFixture.Instruct, string key = Key) => Client(key).GetChatClient(model);

    private OpenAIClient Client(string key = Key) => new(new ApiKeyCredential(key), new() { Endpoint = new($"{_app.Urls.First()}/v1") });
}
