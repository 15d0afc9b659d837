using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Qwen3.Chat.Prompts;

/// <summary>Writes a function's result as the model reads it: strings as they are, anything else as JSON.</summary>
/// <remarks>
/// A result that has no text or JSON form, or is too large, does not end the request: the model reads what is wrong
/// with it.
/// </remarks>
internal static class FunctionResultText
{
    /// <summary>The length in characters at which a result is cut.</summary>
    public const int MaxLength = 1_048_576;

    public static string For(FunctionResultContent content)
    {
        try
        {
            return Cut(content.Result switch
            {
                null when content.Exception is { } exception => $"Error: {exception.Message}",
                null => "",
                Exception exception => $"Error: {exception.Message}",
                string text => text,
                JsonElement { ValueKind: JsonValueKind.String } text => LenientJson.Readable(text).GetString()!,
                JsonElement { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined } => "",
                AIContent part => Text(part),
                IEnumerable<AIContent> parts => Text(parts),
                object value => PromptJson.Format(value, MaxLength),
            });
        }
        catch (Exception e)
        {
            // Serializing a value, or enumerating it, runs the code of others, which can throw anything.
            return Cut($"Error: {PromptJson.Problem(content.Result!, e)}");
        }
    }

    private static string Text(IEnumerable<AIContent> parts)
    {
        var text = new StringBuilder();
        foreach (AIContent part in parts)
        {
            text.Append(Text(part));
            if (text.Length > MaxLength)
            {
                break;
            }
        }

        return text.ToString();
    }

    /// <summary>Returns the text of a part, or for a part that the model cannot read a description.</summary>
    private static string Text(AIContent content) => content switch
    {
        TextContent text => text.Text,
        DataContent data => $"[{data.MediaType}, {data.Data.Length} bytes: this model cannot read it]",
        UriContent uri => $"[{uri.MediaType} at {uri.Uri}: this model cannot read it]",
        ErrorContent error => $"Error: {error.Message}",
        _ => $"[{content.GetType().Name}: this model cannot read it]",
    };

    private static string Cut(string text)
    {
        if (text.Length <= MaxLength)
        {
            return text;
        }

        int end = char.IsHighSurrogate(text[MaxLength - 1]) ? MaxLength - 1 : MaxLength;
        return $"{text.AsSpan(0, end)}\n[The result is cut off here: it is longer than {MaxLength} characters.]";
    }
}
