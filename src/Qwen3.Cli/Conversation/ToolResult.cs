using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Qwen3.Cli.Conversation;

/// <summary>Turns the results of tools into text for the model, which reads nothing else.</summary>
internal static class ToolResult
{
    /// <summary>The length in characters after which a result is cut off.</summary>
    public const int MaxLength = 20_000;

    private static readonly JsonSerializerOptions s_json =
        new(AIJsonUtilities.DefaultOptions)
        {
            WriteIndented = false,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };

    public static string Text(object? result) => Shorten(Whole(result));

    public static string Json(object? value) => JsonSerializer.Serialize(value, s_json.GetTypeInfo(typeof(object)));

    private static string Whole(object? result) => result switch
    {
        string text => text,
        TextContent text => text.Text,
        DataContent data =>
            $"[A result of the type {data.MediaType} with {data.Data.Length} bytes. Only text can be read.]",
        UriContent link => $"[A link to {link.Uri}]",
        IEnumerable<AIContent> contents => string.Join('\n', contents.Select(Whole)),
        JsonElement { ValueKind: JsonValueKind.String } text => text.GetString()!,
        JsonElement json => json.GetRawText(),
        _ => Json(result),
    };

    private static string Shorten(string text)
    {
        if (text.Length <= MaxLength)
        {
            return text;
        }

        int length = char.IsHighSurrogate(text[MaxLength - 1]) ? MaxLength - 1 : MaxLength;
        return $"{text.AsSpan(0, length)}\n[Cut off after {length} of {text.Length} characters.]";
    }
}
