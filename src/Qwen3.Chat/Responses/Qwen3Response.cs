using Microsoft.Extensions.AI;
using Qwen3.Chat.Responses;

namespace Qwen3.Chat;

/// <summary>Reads the output of a Qwen3 model: its reasoning, its text and its function calls.</summary>
public static class Qwen3Response
{
    /// <summary>Reads an output that is at hand as text, from a server that does not parse it, for example.</summary>
    /// <param name="variant">The variant that wrote it. An output of <see cref="Qwen3Variant.Thinking"/> begins inside the reasoning, with or without its opening tag.</param>
    /// <param name="output">What the model wrote, without the prompt and without the token that ended it.</param>
    /// <param name="toolNames">
    /// The names of the functions that were offered. Inside the reasoning only calls of these are taken for calls that the model meant.
    /// The default, <see langword="null"/>, takes any name.
    /// </param>
    /// <returns>
    /// The assistant's message with <see cref="TextReasoningContent"/>, <see cref="TextContent"/> and <see cref="FunctionCallContent"/> in
    /// the order of the output; each call has an id of its own, and arguments as <see cref="System.Text.Json.JsonElement"/>s. A call that
    /// cannot be read stays in the text, tags and all, followed by an <see cref="ErrorContent"/> with the error code <c>malformed_tool_call</c>.
    /// </returns>
    /// <remarks>No output makes it throw. Safe for concurrent use.</remarks>
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
