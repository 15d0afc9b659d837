using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Qwen3.Chat.Prompts;

/// <summary>What the model reads of a function's result: strings as they are, the message of an exception, everything else as JSON.</summary>
internal static class FunctionResultText
{
    public static string Of(FunctionResultContent content, int messageIndex) => content.Result switch
    {
        null when content.Exception is { } exception => $"Error: {exception.Message}",
        null => "",
        Exception exception => $"Error: {exception.Message}",
        string text => text,
        JsonElement { ValueKind: JsonValueKind.String } text => LenientJson.Readable(text).GetString()!,
        JsonElement { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined } => "",
        AIContent part => Text(part, messageIndex),
        IEnumerable<AIContent> parts => string.Concat(parts.Select(part => Text(part, messageIndex))),
        object value => PromptJson.Format(value),
    };

    private static string Text(AIContent content, int messageIndex) => content is TextContent text
        ? text.Text
        : throw TurnReader.Unsupported(content, ChatRole.Tool, messageIndex);
}
