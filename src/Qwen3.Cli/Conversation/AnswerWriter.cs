using Microsoft.Extensions.AI;

namespace Qwen3.Cli.Conversation;

/// <summary>Writes a streamed answer: its text, its reasoning and its calls.</summary>
/// <param name="answer">Writes a part of the text.</param>
/// <param name="aside">Writes a part of the reasoning, or a line about a call.</param>
internal sealed class AnswerWriter(Action<string> answer, Action<string> aside)
{
    private const int LongestResult = 300;

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
                WriteLine($"→ {call.Name}({(call.Arguments is null ? "" : ToolResult.Json(call.Arguments))})");
                break;
            case FunctionResultContent result:
                string line = ToolResult.Text(result.Result).ReplaceLineEndings(" ");
                WriteLine($"← {(line.Length > LongestResult ? $"{line[..LongestResult]}…" : line)}");
                break;
            case ErrorContent error:
                WriteLine($"! {error.Message}");
                break;
        }
    }

    /// <summary>Ends the current line.</summary>
    public void End()
    {
        _open?.Invoke("\n");
        _open = null;
    }

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
