using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;

namespace MultiAgent;

/// <summary>Prints who says what, as it comes.</summary>
/// <param name="showsText">Whether what they say is shown, and not only that they do.</param>
internal sealed class ConversationPrinter(bool showsText)
{
    private readonly UsageDetails _usage = new();
    private string? _open;

    public void Print(AgentResponseUpdate update)
    {
        foreach (AIContent content in update.Contents)
        {
            switch (content)
            {
                case UsageContent usage:
                    _usage.Add(usage.Details);
                    break;
                case FunctionCallContent call:
                    IEnumerable<string> arguments = call.Arguments?.Select(argument => $"{argument.Key}: {argument.Value}") ?? [];
                    PrintLine(update.AuthorName, $"calls {call.Name}({string.Join(", ", arguments)})");
                    break;
                case FunctionResultContent result:
                    PrintLine(update.AuthorName, $"is told {result.Result}");
                    break;
                case TextContent { Text.Length: > 0 } text:
                    Print(update.AuthorName, showsText ? text.Text : _open == update.AuthorName ? "" : "…");
                    break;
            }
        }
    }

    public void PrintUsage() => PrintLine(
        "tokens", $"{_usage.InputTokenCount} in ({_usage.CachedInputTokenCount} of them cached), {_usage.OutputTokenCount} out");

    public void EndLine()
    {
        if (_open is not null)
        {
            Console.WriteLine();
            _open = null;
        }
    }

    private void PrintLine(string? who, string text)
    {
        EndLine();
        Print(who, text);
        EndLine();
    }

    private void Print(string? who, string text)
    {
        if (who != _open)
        {
            EndLine();
            _open = who;
            Console.Write($"{who,-12}");
        }

        Console.Write(text.ReplaceLineEndings($"\n{"",12}"));
    }
}
