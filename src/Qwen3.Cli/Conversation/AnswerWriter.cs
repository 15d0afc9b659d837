using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Qwen3.Cli.Conversation;

/// <summary>Writes an answer as it comes: the text, and beside it the reasoning and the calls.</summary>
/// <param name="answer">Writes a piece of the text.</param>
/// <param name="aside">Writes a piece of what is not the answer.</param>
internal sealed class AnswerWriter(Action<string> answer, Action<string> aside)
{
    private const int LongestResult = 300;

    private static readonly JsonSerializerOptions s_json =
        new(AIJsonUtilities.DefaultOptions) { WriteIndented = false, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private Action<string>? _open;

    public void Write(AIContent content)
    {
        switch (content)
        {
            case TextReasoningContent reasoning:
                WritePiece(aside, reasoning.Text);
                break;
            case TextContent text:
                WritePiece(answer, text.Text);
                break;
            case FunctionCallContent call:
                WriteLine($"→ {call.Name}({(call.Arguments is null ? "" : Json(call.Arguments))})");
                break;
            case FunctionResultContent result:
                string line = ResultText(result.Result).ReplaceLineEndings(" ");
                WriteLine($"← {(line.Length > LongestResult ? $"{line[..LongestResult]}…" : line)}");
                break;
            case ErrorContent error:
                WriteLine($"! {error.Message}");
                break;
        }
    }

    /// <summary>Ends the line that was begun.</summary>
    public void End()
    {
        _open?.Invoke("\n");
        _open = null;
    }

    private static string ResultText(object? result) => result switch
    {
        string text => text,
        TextContent text => text.Text,
        IEnumerable<AIContent> contents => string.Join(' ', contents.Select(ResultText)),
        _ => Json(result),
    };

    private static string Json(object? value) => JsonSerializer.Serialize(value, s_json.GetTypeInfo(typeof(object)));

    private void WriteLine(string line)
    {
        End();
        aside($"{line}\n");
    }

    private void WritePiece(Action<string> part, string text)
    {
        if (text.Length == 0)
        {
            return;
        }

        if (_open is not null && _open != part)
        {
            End();
        }

        _open = part;
        part(text);
    }
}
