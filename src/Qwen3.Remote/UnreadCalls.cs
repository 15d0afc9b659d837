using System.Text;
using Microsoft.Extensions.AI;
using OpenAI.Chat;
using Qwen3.Chat.Prompts;
using Qwen3.Chat.Responses;

namespace Qwen3.Remote;

/// <summary>
/// Calls that the server took out of an answer, and whose arguments Microsoft.Extensions.AI's client could not read: they are read as those in a text
/// are, or are text. It would hand them out without arguments, and some callers would make them so.
/// </summary>
internal sealed class UnreadCalls
{
    private readonly Dictionary<int, (string Id, StringBuilder Arguments)> _streamed = [];

    /// <summary>Keeps what a piece of a stream has of calls.</summary>
    public void Gather(StreamingChatCompletionUpdate chunk)
    {
        foreach (StreamingChatToolCallUpdate piece in chunk.ToolCallUpdates)
        {
            if (!_streamed.TryGetValue(piece.Index, out (string Id, StringBuilder Arguments) call))
            {
                _streamed[piece.Index] = call = (piece.ToolCallId ?? "", new());
            }

            call.Arguments.Append(piece.FunctionArgumentsUpdate?.ToString());
        }
    }

    public IList<AIContent> Mend(IList<AIContent> contents) =>
        contents.Any(IsUnread) ? [.. contents.SelectMany(content => IsUnread(content) ? Read((FunctionCallContent)content) : [content])] : contents;

    private static bool IsUnread(AIContent content) => content is FunctionCallContent { Exception: not null };

    private IEnumerable<AIContent> Read(FunctionCallContent call)
    {
        string arguments = call.RawRepresentation is ChatToolCall whole
            ? whole.FunctionArguments.ToString()
            : _streamed.Values.FirstOrDefault(streamed => streamed.Id == call.CallId).Arguments?.ToString() ?? "";
        string name = PromptJson.Format(call.Name);
        if (ToolCallJson.TryRead($$"""{"name": {{name}}, "arguments": {{PromptJson.Format(arguments)}}}""", mends: true, out FunctionCallContent? read))
        {
            return [new FunctionCallContent(call.CallId, call.Name, read.Arguments) { RawRepresentation = call.RawRepresentation }];
        }

        string text = $$"""{"name": {{name}}, "arguments": {{arguments}}""";
        return [new TextContent(text), ResponseParser.Malformed(text)];
    }
}
