using System.Collections;
using System.Text.RegularExpressions;

namespace Qwen3.Chat.Routing;

/// <summary>
/// Finds what a text quotes: code, quotations, <c>&gt;</c> lines and elements such as <c>&lt;document&gt;</c>.
/// </summary>
/// <remarks>The time is linear in the length of the text.</remarks>
internal sealed partial class QuotedText
{
    private readonly string _text;
    private readonly List<(int Start, int End)> _spans = [];
    private readonly BitArray _code;

    private QuotedText(string text)
    {
        _text = text;
        FindLines();
        _code = ToBits();
        FindCodeSpans();
        _code = ToBits();
        FindQuotations('"', "\"", isOpenToEnd: true);
        FindQuotations('\'', "'", isOpenToEnd: false);
        FindQuotations('“', "”", isOpenToEnd: true);
        FindQuotations('„', "“”", isOpenToEnd: true);
        FindQuotations('«', "»", isOpenToEnd: true);
        FindQuotations('‘', "’", isOpenToEnd: false);
        FindQuotations('‚', "‘", isOpenToEnd: false);
        FindQuotations('‹', "›", isOpenToEnd: false);
        FindQuotations('「', "」", isOpenToEnd: true);
        FindQuotations('『', "』", isOpenToEnd: true);
        FindElements();
    }

    /// <summary>Returns, for each character, whether it is quoted.</summary>
    public static BitArray Find(string text) => new QuotedText(text).ToBits();

    /// <summary>Finds fenced and indented code, <c>&gt;</c> lines, and blocks between triple quotation marks.</summary>
    private void FindLines()
    {
        string? fence = null;
        bool isCode = false;
        bool isAfterBlank = false;
        for (int start = 0, end; start < _text.Length; start = end)
        {
            int newline = _text.IndexOf('\n', start);
            end = newline < 0 ? _text.Length : newline + 1;
            ReadOnlySpan<char> line = _text.AsSpan(start, end - start);
            string trimmed = line.Trim().ToString();
            bool isQuoted = fence is not null || trimmed.StartsWith('>');
            int quotedEnd = end;
            if (fence is ['"' or '\'', ..] && line.IndexOf(fence) is >= 0 and int closing)
            {
                // A quotation ends where the marks do.
                quotedEnd = start + closing + fence.Length;
                fence = null;
            }
            else if (fence is not null && trimmed.Length >= fence.Length && trimmed.TrimStart(fence[0]).Length == 0)
            {
                fence = null;
            }
            else if (fence is null && !isQuoted && Fence().Match(trimmed) is { Success: true } opening)
            {
                isQuoted = true;
                fence = opening.Value;
            }

            bool isIndented = line.StartsWith("    ") || line.StartsWith("\t");
            isCode = !isQuoted && trimmed.Length > 0 && isIndented && (isAfterBlank || isCode);
            if (isQuoted || isCode)
            {
                _spans.Add((start, quotedEnd));
            }

            isAfterBlank = trimmed.Length == 0;
        }
    }

    private void FindCodeSpans()
    {
        List<(int Index, int Length)> runs = [];
        Dictionary<int, int> last = [];
        foreach (ValueMatch run in Backticks().EnumerateMatches(_text))
        {
            if (!_code[run.Index])
            {
                runs.Add((run.Index, run.Length));
                last[run.Length] = run.Index;
            }
        }

        (int Index, int Length)? open = null;
        foreach ((int Index, int Length) run in runs)
        {
            if (open is { } opening && run.Length == opening.Length)
            {
                _spans.Add((opening.Index, run.Index + run.Length));
                open = null;
            }
            else if (open is null && last[run.Length] > run.Index)
            {
                open = run;
            }
        }
    }

    /// <summary>Finds quotations between two marks.</summary>
    /// <param name="opening">The mark before a quotation.</param>
    /// <param name="closings">The marks that can end it.</param>
    /// <param name="isOpenToEnd">Whether a quotation that is never closed goes on to the end of the text.</param>
    private void FindQuotations(char opening, string closings, bool isOpenToEnd)
    {
        string marks = opening + closings;
        int open = -1;
        for (int i = IndexOfAny(marks, 0); i >= 0; i = IndexOfAny(marks, i + 1))
        {
            bool isAfterWord = i > 0 && char.IsLetterOrDigit(_text[i - 1]);
            bool isBeforeWord = i + 1 < _text.Length && char.IsLetterOrDigit(_text[i + 1]);
            if (_code[i])
            {
                continue;
            }

            if (open < 0 && _text[i] == opening && !(isAfterWord && closings[0] == opening))
            {
                // Not a mark of inches, or an apostrophe.
                open = i;
            }
            else if (open >= 0 && closings.Contains(_text[i]) && !isBeforeWord)
            {
                _spans.Add((open, i + 1));
                open = -1;
            }
        }

        if (open >= 0 && isOpenToEnd)
        {
            _spans.Add((open, _text.Length));
        }
    }

    private int IndexOfAny(string marks, int start)
    {
        int offset = _text.AsSpan(start).IndexOfAny(marks);
        return offset < 0 ? -1 : start + offset;
    }

    private void FindElements()
    {
        Dictionary<string, Stack<int>> open = [];
        foreach (Match tag in Tag().Matches(_text))
        {
            string name = tag.Groups["name"].Value;
            if (_code[tag.Index])
            {
                continue;
            }

            if (_text[tag.Index + 1] != '/')
            {
                (open.TryGetValue(name, out Stack<int>? starts) ? starts : open[name] = []).Push(tag.Index);
            }
            else if (open.TryGetValue(name, out Stack<int>? starts) && starts.TryPop(out int start))
            {
                _spans.Add((start, tag.Index + tag.Length));
            }
        }
    }

    private BitArray ToBits()
    {
        int[] changes = new int[_text.Length + 1];
        foreach ((int start, int end) in _spans)
        {
            changes[start]++;
            changes[end]--;
        }

        var bits = new BitArray(_text.Length);
        int depth = 0;
        for (int i = 0; i < _text.Length; i++)
        {
            depth += changes[i];
            bits[i] = depth > 0;
        }

        return bits;
    }

    [GeneratedRegex("^(`{3,}(?=[^`]*$)|~{3,}|\"{3,}(?=[^\"]*$)|'{3,}(?=[^']*$))")]
    private static partial Regex Fence();

    [GeneratedRegex("`+")]
    private static partial Regex Backticks();

    [GeneratedRegex("</?(?<name>[A-Za-z][A-Za-z0-9_-]{0,63})(?=[\\s/>])[^<>]{0,1000}>")]
    private static partial Regex Tag();
}
