using Microsoft.Extensions.AI;

namespace Qwen3.Chat.Responses;

/// <summary>Cuts an answer's text at a stop sequence. Text that could be the beginning of one is withheld.</summary>
internal sealed class StopSequenceFilter(IEnumerable<string> sequences)
{
    private readonly string[] _sequences = [.. sequences.Where(sequence => sequence.Length > 0)];
    private string _withheld = "";

    /// <summary>Gets a value indicating whether a sequence was found, which ends the answer.</summary>
    public bool IsFound { get; private set; }

    /// <summary>Filters contents in place.</summary>
    public void Apply(List<AIContent> contents)
    {
        if (_sequences.Length == 0)
        {
            return;
        }

        for (int i = 0; i < contents.Count; i++)
        {
            string text = contents[i] is TextContent content ? Append(content.Text) : Flush();
            if (contents[i] is TextContent)
            {
                contents[i] = new TextContent(text);
            }
            else if (text.Length > 0)
            {
                contents.Insert(i++, new TextContent(text));
            }

            if (IsFound)
            {
                contents.RemoveRange(i + 1, contents.Count - i - 1);
            }
        }

        contents.RemoveAll(content => content is TextContent { Text.Length: 0 });
    }

    /// <summary>Ends the answer and adds the withheld text.</summary>
    public void Complete(List<AIContent> contents)
    {
        if (Flush() is { Length: > 0 } text)
        {
            contents.Add(new TextContent(text));
        }
    }

    private string Append(string text)
    {
        text = _withheld + text;
        int end = text.Length;
        foreach (string sequence in _sequences)
        {
            int found = text.AsSpan(0, end).IndexOf(sequence, StringComparison.Ordinal);
            if (found >= 0)
            {
                IsFound = true;
                end = found;
            }
        }

        int certain = IsFound ? end : text.Length - LongestBeginning(text);
        _withheld = IsFound ? "" : text[certain..];
        return text[..certain];
    }

    private string Flush()
    {
        string text = _withheld;
        _withheld = "";
        return text;
    }

    private int LongestBeginning(string text)
    {
        int longest = 0;
        foreach (string sequence in _sequences)
        {
            for (int length = Math.Min(sequence.Length - 1, text.Length); length > longest; length--)
            {
                if (text.AsSpan().EndsWith(sequence.AsSpan(0, length), StringComparison.Ordinal))
                {
                    longest = length;
                }
            }
        }

        return longest;
    }
}
