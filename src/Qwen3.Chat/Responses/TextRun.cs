using System.Text;

namespace Qwen3.Chat.Responses;

/// <summary>
/// Streams text without the newlines around it: newlines are withheld until more text follows.
/// </summary>
internal sealed class TextRun
{
    private readonly StringBuilder _withheld = new();
    private bool _awaitsVisible = true;

    /// <summary>Gets a value indicating whether any text was returned.</summary>
    public bool HasText { get; private set; }

    /// <summary>Gets a value indicating whether text was returned since the last interruption.</summary>
    public bool IsInText => !_awaitsVisible;

    /// <summary>Appends text and returns what certainly belongs to the run.</summary>
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

    /// <summary>Discards the white space that may have been the beginning of the run.</summary>
    public void Discard() => _withheld.Clear();

    /// <summary>Interrupts the run: white space alone does not continue it.</summary>
    public void Interrupt() => _awaitsVisible = true;
}
