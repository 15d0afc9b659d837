using Microsoft.Extensions.AI;
using Qwen3.Chat.Responses;

namespace Qwen3.Chat;

/// <summary>Parses the output of a Qwen3 model into reasoning, text and tool calls.</summary>
public static class Qwen3Response
{
    /// <summary>Parses an output that is text, from a server that does not parse it, for example.</summary>
    /// <param name="variant">
    /// The variant that wrote the output. An output of <see cref="Qwen3Variant.Thinking"/> begins inside the reasoning,
    /// with or without the opening tag.
    /// </param>
    /// <param name="output">The output, without the prompt and without the token that ended it.</param>
    /// <param name="toolNames">
    /// The names of the offered functions. Inside the reasoning only calls of these count as calls. The default,
    /// <see langword="null"/>, accepts any name.
    /// </param>
    /// <returns>
    /// The assistant's message with <see cref="TextReasoningContent"/>, <see cref="TextContent"/> and
    /// <see cref="FunctionCallContent"/> in the order of the output. Each call has a unique id, and its arguments are
    /// <see cref="System.Text.Json.JsonElement"/>s. A call that cannot be parsed stays in the text with its tags,
    /// followed by an <see cref="ErrorContent"/> with the code <see cref="Qwen3OptionNames.MalformedToolCall"/>.
    /// </returns>
    /// <remarks>Does not throw for any output. Safe for concurrent use.</remarks>
    public static ChatMessage Parse(Qwen3Variant variant, string output, IEnumerable<string>? toolNames = null)
    {
        ArgumentNullException.ThrowIfNull(output);
        var parser = new ResponseParser(variant, toolNames?.ToHashSet());
        List<AIContent> contents = [];
        foreach (ResponsePiece piece in TagScanner.Split(output))
        {
            parser.Append(piece, contents);
        }

        parser.Complete(contents);
        return ToMessage(contents);
    }

    /// <summary>Coalesces contents that came in pieces, as a streamed response is.</summary>
    internal static ChatMessage ToMessage(List<AIContent> contents)
    {
        ChatResponse response = new ChatResponseUpdate[] { new(ChatRole.Assistant, contents) }.ToChatResponse();
        return response.Messages is [ChatMessage message] ? message : new(ChatRole.Assistant, contents);
    }
}
