using Microsoft.Extensions.AI;

namespace Qwen3.Chat.Tests.Prompts;

public sealed class ApprovalTests
{
    [Fact]
    public async Task A_transcript_with_approvals_whose_calls_are_done_can_be_sent_again()
    {
        AIFunction function = AIFunctionFactory.Create((string city) => "sunny", "GetWeather");
        ChatOptions options = new() { Tools = [new ApprovalRequiredAIFunction(function)] };
        List<ChatMessage> sent = [];
        FunctionCallContent call = new("1", "GetWeather", new Dictionary<string, object?> { ["city"] = "Rome" });
        using var client = new FunctionInvokingChatClient(new Answers(sent, [call], [new TextContent("It is sunny.")], [new TextContent("Bye.")]));
        List<ChatMessage> transcript = [new(ChatRole.User, "Go")];
        ChatResponse response = await client.GetResponseAsync(transcript, options);
        transcript.AddRange(response.Messages);
        var request = response.Messages.SelectMany(message => message.Contents).OfType<ToolApprovalRequestContent>().Single();
        transcript.Add(new(ChatRole.User, [request.CreateResponse(approved: true)]));
        transcript.AddRange((await client.GetResponseAsync(transcript, options)).Messages);
        transcript.Add(new(ChatRole.User, "Thanks"));

        // As it is, and as the client that invokes functions hands it on.
        await client.GetResponseAsync(transcript, options);
        string[] prompts = [Render(transcript), Render(sent)];

        Assert.All(prompts, prompt =>
        {
            Assert.Single(prompt.Split("<tool_response>\nsunny\n</tool_response>").Skip(1));
            Assert.Single(prompt.Split("\n<tool_call>\n").Skip(1));
            Assert.Equal(3, prompt.Split("<|im_start|>user").Length - 1);
        });
    }

    [Fact]
    public void An_approval_that_is_still_open_is_refused_by_its_name()
    {
        ToolApprovalRequestContent open = new("id", new FunctionCallContent("1", "GetWeather"));
        Assert.Contains(nameof(ToolApprovalRequestContent), Assert.Throws<NotSupportedException>(() => Render([new(ChatRole.Assistant, [open])])).Message);
    }

    private static string Render(IEnumerable<ChatMessage> messages) => Qwen3Prompt.Create(Qwen3Variant.Instruct, [.. messages]).ToString();

    private sealed class Answers(List<ChatMessage> sent, params AIContent[][] answers) : IChatClient
    {
        private int _next;

        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            sent.Clear();
            sent.AddRange(messages);
            return Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, answers[_next++])));
        }

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
