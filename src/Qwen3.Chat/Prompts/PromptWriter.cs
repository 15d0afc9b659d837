using Microsoft.Extensions.AI;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Prompts;

/// <summary>Writes turns as the chat templates of the three variants do.</summary>
internal sealed class PromptWriter(Qwen3Variant variant)
{
    private const string ResponseOpening = "<tool_response>", ResponseClosing = "</tool_response>";

    public List<TextPart> Parts { get; } = [];

    public void Write(IReadOnlyList<Turn> turns, string? tools)
    {
        int start = turns is [{ } first, ..] && first.Role == ChatRole.System ? 1 : 0;
        if (start == 1 || tools is not null)
        {
            WriteTemplate("<|im_start|>system\n");
            Write(start == 1 ? turns[0].Text : "", SpecialTokens.UserDefined);
            WriteTemplate(start == 1 && tools is not null ? "\n\n" : "");
            Write(tools ?? "", SpecialTokens.UserDefined);
            WriteTemplate("<|im_end|>\n");
        }

        int lastQuery = FindLastQuery(turns);
        for (int i = start; i < turns.Count; i++)
        {
            Turn turn = turns[i];
            if (turn.Role == ChatRole.Assistant)
            {
                WriteAssistant(turn, isAfterLastQuery: i > lastQuery, isLast: i == turns.Count - 1);
            }
            else if (turn.Role == ChatRole.Tool)
            {
                WriteResult(turn, isFirst: i == 0 || turns[i - 1].Role != ChatRole.Tool, isLast: i == turns.Count - 1 || turns[i + 1].Role != ChatRole.Tool);
            }
            else
            {
                WriteTemplate(turn.Role == ChatRole.System ? "<|im_start|>system\n" : "<|im_start|>user\n");
                Write(turn.Text, turn.SpecialTokens);
                WriteTemplate("<|im_end|>\n");
            }
        }
    }

    public void OpenAnswer(bool thinks) => WriteTemplate("<|im_start|>assistant\n" + variant switch
    {
        Qwen3Variant.Instruct => "",
        // The form in which the hybrid was trained not to think; it closes what the other one's template opens.
        _ when !thinks => "<think>\n\n</think>\n\n",
        Qwen3Variant.Thinking => "<think>\n",
        _ => "",
    });

    /// <summary>The last message by a person, after which the model's reasoning is still of interest.</summary>
    private static int FindLastQuery(IReadOnlyList<Turn> turns)
    {
        for (int i = turns.Count - 1; i >= 0; i--)
        {
            // The template takes results for what they are by their text alone.
            bool isResult = turns[i].Text.StartsWith(ResponseOpening, StringComparison.Ordinal) && turns[i].Text.EndsWith(ResponseClosing, StringComparison.Ordinal);
            if (turns[i].Role == ChatRole.User && !isResult)
            {
                return i;
            }
        }

        return turns.Count - 1;
    }

    private void WriteAssistant(Turn turn, bool isAfterLastQuery, bool isLast)
    {
        WriteTemplate("<|im_start|>assistant\n");
        string text = turn.Text;
        if (variant != Qwen3Variant.Instruct && isAfterLastQuery && (isLast || turn.Reasoning.Length > 0))
        {
            WriteTemplate("<think>\n");
            Write(turn.Reasoning.Trim('\n'), turn.SpecialTokens);
            WriteTemplate("\n</think>\n\n");
            text = text.TrimStart('\n');
        }

        Write(text, turn.SpecialTokens);
        bool needsNewline = turn.Text.Length > 0;
        foreach (FunctionCallContent call in turn.Calls)
        {
            WriteTemplate($"{(needsNewline ? "\n" : "")}<tool_call>\n{{\"name\": \"");
            Write(call.Name, SpecialTokens.None);
            WriteTemplate("\", \"arguments\": ");
            Write(PromptJson.Format(call.Arguments), SpecialTokens.None);
            WriteTemplate("}\n</tool_call>");
            needsNewline = true;
        }

        WriteTemplate("<|im_end|>\n");
    }

    private void WriteResult(Turn turn, bool isFirst, bool isLast)
    {
        WriteTemplate($"{(isFirst ? "<|im_start|>user" : "")}\n{ResponseOpening}\n");
        Write(turn.Text, turn.SpecialTokens);
        WriteTemplate($"\n{ResponseClosing}{(isLast ? "<|im_end|>\n" : "")}");
    }

    private void WriteTemplate(string text) => Write(text, SpecialTokens.All);

    private void Write(string text, SpecialTokens specialTokens)
    {
        if (text.Length > 0)
        {
            Parts.Add(new(text, specialTokens));
        }
    }
}
