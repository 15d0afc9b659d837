using System.Text;

namespace Qwen3.Chat.Responses;

/// <summary>
/// A stream of text without the newlines around it: what could be its end is withheld until more text shows that it is not.
/// </summary>
internal sealed class TextRun
{
    private readonly StringBuilder _withheld = new();
    private bool _awaitsVisible = true;

    /// <summary>Whether any text has come out.</summary>
    public bool HasText { get; private set; }

    /// <summary>Whether text came out and nothing interrupted it since.</summary>
    public bool IsInText => !_awaitsVisible;

    /// <summary>Takes the next text and returns what is certain to belong to the run; empty if nothing is.</summary>
    public string Append(ReadOnlySpan<char> text)
    {
        if (_awaitsVisible && text.IsWhiteSpace())
        {
            _withheld.Append(text);
            return "";
        }

        _awaitsVisible &= text.IsEmpty;
        int length = text.TrimEnd('\n').Length;
        if (length == 0)
        {
            _withheld.Append(text);
            return "";
        }

        ReadOnlySpan<char> certain = text[..length];
        string result = _withheld.Length == 0 ? certain.ToString() : _withheld.Append(certain).ToString();
        _withheld.Clear().Append(text[length..]);
        result = HasText ? result : result.TrimStart('\n');
        HasText = true;
        return result;
    }

    /// <summary>Forgets the white space that may have been the beginning of the run.</summary>
    public void Discard() => _withheld.Clear();

    /// <summary>Something that is not text came between: white space alone does not continue the run after it.</summary>
    public void Interrupt() => _awaitsVisible = true;
}
