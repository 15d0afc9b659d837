using System.Text;
using Microsoft.Extensions.AI;

namespace Qwen3.Benchmarks;

internal sealed class InProcessCaller(IChatClient client) : ICaller
{
    public async Task<(string Text, int Tokens)> AskAsync(string city, bool leaves)
    {
        var text = new StringBuilder();
        long tokens = 0;
        var options = new ChatOptions { Temperature = 0, MaxOutputTokens = 64 };
        ChatMessage[] messages =
        [
            new(ChatRole.User, $"What is the weather in {city}?"),
            new(ChatRole.Assistant, [new FunctionCallContent("a", "get_weather", new Dictionary<string, object?> { ["city"] = city })]),
            new(ChatRole.Tool, [new FunctionResultContent("a", "sunny, 21 degrees")]),
        ];
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync(messages, options))
        {
            text.Append(update.Text);
            tokens = update.Contents.OfType<UsageContent>().FirstOrDefault()?.Details.OutputTokenCount ?? tokens;
            if (leaves && text.Length > 0)
            {
                break;
            }
        }

        return (text.ToString(), (int)tokens);
    }
}
