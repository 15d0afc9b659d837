using System.Text;

namespace Qwen3.Chat.Responses;

/// <summary>Scans the characters of a JSON object, which may be invalid, for its end.</summary>
internal sealed class JsonObjectScanner
{
    private readonly StringBuilder _text = new();
    private readonly Stack<char> _open = new();
    private bool _isEscaped;

    public bool IsInString { get; private set; }

    public bool IsStarted => _text.Length > 0;

    public string Text => _text.ToString();

    /// <summary>Appends a character and returns whether the object is complete with it.</summary>
    public bool Append(char c)
    {
        _text.Append(c);
        if (_isEscaped)
        {
            _isEscaped = false;
        }
        else if (IsInString)
        {
            _isEscaped = c == '\\';
            IsInString = c != '"';
        }
        else if (c == '"')
        {
            IsInString = true;
        }
        else if (c is '{' or '[')
        {
            _open.Push(c);
        }
        else if (c is '}' or ']' && _open.Count > 0 && _open.Peek() == (c == '}' ? '{' : '['))
        {
            _open.Pop();
            return _open.Count == 0;
        }

        return false;
    }

    /// <summary>Returns the text with the open brackets closed.</summary>
    public string Closed() => Text + string.Concat(_open.Select(c => c == '{' ? '}' : ']'));

    /// <summary>Returns the text without the outer braces, if they are doubled.</summary>
    public string WithoutDoubledBraces() => Text is ['{', '{', .., '}', '}'] text ? text[1..^1] : Text;

    public void Clear()
    {
        _text.Clear();
        _open.Clear();
        _isEscaped = IsInString = false;
    }
}
