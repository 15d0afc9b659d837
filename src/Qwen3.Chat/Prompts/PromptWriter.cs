using Microsoft.Extensions.AI;
using Qwen3.Chat.Format;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Prompts;

/// <summary>Writes turns as the chat templates of the three variants do.</summary>
/// <remarks>
/// Only the template's own text can contain control tokens. Tags become tag tokens where the template writes them, and
/// in the system text. Everything else (user messages, tool results, tools, calls, earlier answers and their reasoning)
/// consists of ordinary tokens: in an answer that the parser read, a tag that is left in the text was spelled there, by
/// a person whom the model quotes, for example. Real tags have become <see cref="FunctionCallContent"/> and
/// <see cref="TextReasoningContent"/>.
/// </remarks>
internal sealed class PromptWriter(Qwen3Variant variant)
{
    public List<TextPart> Parts { get; } = [];

    public void Write(IReadOnlyList<Turn> turns, IEnumerable<TextPart>? tools)
    {
        int start = turns is [{ } first, ..] && first.Role == ChatRole.System ? 1 : 0;
        if (start == 1 || tools is not null)
        {
            WriteTemplate($"{ChatFormat.TurnStart}system\n");
            Write(start == 1 ? turns[0].Text : "", SpecialTokens.UserDefined);
            WriteTemplate(start == 1 && tools is not null ? "\n\n" : "");
            Parts.AddRange(tools ?? []);
            WriteTemplate($"{ChatFormat.TurnEnd}\n");
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
                WriteResult(
                    turn,
                    isFirst: i == 0 || turns[i - 1].Role != ChatRole.Tool,
                    isLast: i == turns.Count - 1 || turns[i + 1].Role != ChatRole.Tool);
            }
            else
            {
                bool isSystem = turn.Role == ChatRole.System;
                WriteTemplate($"{ChatFormat.TurnStart}{(isSystem ? "system" : "user")}\n");
                Write(turn.Text, isSystem ? SpecialTokens.UserDefined : SpecialTokens.None);
                WriteTemplate($"{ChatFormat.TurnEnd}\n");
            }
        }
    }

    /// <summary>Writes the generation prompt.</summary>
    public void WriteGenerationPrompt(bool thinks)
    {
        WriteTemplate($"{ChatFormat.TurnStart}assistant\n");
        WriteTemplate(ThinkingStart(thinks));
    }

    private string ThinkingStart(bool thinks) => variant switch
    {
        Qwen3Variant.Instruct => "",
        // The form in which the hybrid was trained not to think. It also closes what the Thinking template opens.
        _ when !thinks => $"{ChatFormat.ThinkStart}\n\n{ChatFormat.ThinkEnd}\n\n",
        Qwen3Variant.Thinking => $"{ChatFormat.ThinkStart}\n",
        _ => "",
    };

    /// <summary>
    /// Returns the index of the last message from a person: the template keeps the reasoning after it.
    /// </summary>
    private static int FindLastQuery(IReadOnlyList<Turn> turns)
    {
        for (int i = turns.Count - 1; i >= 0; i--)
        {
            // The template recognizes tool results by their text alone.
            bool isResult = turns[i].Text.StartsWith(ChatFormat.ToolResponseStart, StringComparison.Ordinal) &&
                turns[i].Text.EndsWith(ChatFormat.ToolResponseEnd, StringComparison.Ordinal);
            if (turns[i].Role == ChatRole.User && !isResult)
            {
                return i;
            }
        }

        return turns.Count - 1;
    }

    private void WriteAssistant(Turn turn, bool isAfterLastQuery, bool isLast)
    {
        WriteTemplate($"{ChatFormat.TurnStart}assistant\n");
        string text = turn.Text;
        if (variant != Qwen3Variant.Instruct && isAfterLastQuery && (isLast || turn.Reasoning.Length > 0))
        {
            WriteTemplate($"{ChatFormat.ThinkStart}\n");
            Write(turn.Reasoning.Trim('\n'), SpecialTokens.None);
            WriteTemplate($"\n{ChatFormat.ThinkEnd}\n\n");
            text = text.TrimStart('\n');
        }

        Write(text, SpecialTokens.None);
        bool needsNewline = turn.Text.Length > 0;
        foreach (FunctionCallContent call in turn.Calls)
        {
            WriteTemplate($"{(needsNewline ? "\n" : "")}{ChatFormat.ToolCallStart}\n{ChatFormat.CallNamePrefix}");
            Write(call.Name, SpecialTokens.None);
            WriteTemplate(ChatFormat.CallArgumentsPrefix);
            Write(PromptJson.Format(call.Arguments), SpecialTokens.None);
            WriteTemplate($"{ChatFormat.CallSuffix}\n{ChatFormat.ToolCallEnd}");
            needsNewline = true;
        }

        WriteTemplate($"{ChatFormat.TurnEnd}\n");
    }

    private void WriteResult(Turn turn, bool isFirst, bool isLast)
    {
        WriteTemplate($"{(isFirst ? $"{ChatFormat.TurnStart}user" : "")}\n{ChatFormat.ToolResponseStart}\n");
        Write(turn.Text, SpecialTokens.None);
        WriteTemplate($"\n{ChatFormat.ToolResponseEnd}{(isLast ? $"{ChatFormat.TurnEnd}\n" : "")}");
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
