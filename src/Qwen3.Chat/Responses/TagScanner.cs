namespace Qwen3.Chat.Responses;

/// <summary>Finds the tags in text that comes in pieces of any size, for servers that send no tokens.</summary>
internal sealed class TagScanner
{
    private string _withheld = "";

    public static IEnumerable<ResponsePiece> Split(string text)
    {
        var scanner = new TagScanner();
        return [.. scanner.Append(text), .. scanner.Complete()];
    }

    /// <summary>
    /// Appends text and returns the complete pieces. What could be the beginning of a tag is withheld.
    /// </summary>
    public IReadOnlyList<ResponsePiece> Append(string text)
    {
        List<ResponsePiece> pieces = [];
        text = _withheld + text;
        int start = 0;
        int i = 0;
        _withheld = "";
        while (text.IndexOf('<', i) is >= 0 and int found)
        {
            i = found;
            if (TagAt(text.AsSpan(i)) is { } tag)
            {
                AddText(text[start..i], pieces);
                pieces.Add(new(tag));
                start = i += tag.Text().Length;
            }
            else if (IsTagBeginning(text.AsSpan(i)))
            {
                _withheld = text[i..];
                break;
            }
            else
            {
                i++;
            }
        }

        AddText(text[start..(text.Length - _withheld.Length)], pieces);
        return pieces;
    }

    /// <summary>Ends the text and returns the withheld piece.</summary>
    public IReadOnlyList<ResponsePiece> Complete()
    {
        List<ResponsePiece> pieces = [];
        AddText(_withheld, pieces);
        _withheld = "";
        return pieces;
    }

    private static void AddText(string text, List<ResponsePiece> pieces)
    {
        if (text.Length > 0)
        {
            pieces.Add(new(text));
        }
    }

    private static ResponseTag? TagAt(ReadOnlySpan<char> text)
    {
        foreach (ResponseTag tag in ResponseTags.All)
        {
            if (text.StartsWith(tag.Text(), StringComparison.Ordinal))
            {
                return tag;
            }
        }

        return null;
    }

    private static bool IsTagBeginning(ReadOnlySpan<char> text)
    {
        foreach (ResponseTag tag in ResponseTags.All)
        {
            if (tag.Text().AsSpan().StartsWith(text, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
