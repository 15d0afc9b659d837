using System.Text;

namespace Qwen3.Chat.Responses;

/// <summary>Follows the characters of a JSON object to see where it ends, forgiving what a JSON reader would not.</summary>
internal sealed class JsonObjectScanner
{
    private readonly StringBuilder _text = new();
    private readonly Stack<char> _open = new();
    private bool _isEscaped;

    public bool IsInString { get; private set; }

    public bool IsStarted => _text.Length > 0;

    public string Text => _text.ToString();

    /// <summary>Takes the next character and says whether the object is complete with it.</summary>
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

    /// <summary>The text with the brackets that are still open closed.</summary>
    public string Closed() => Text + string.Concat(_open.Select(c => c == '{' ? '}' : ']'));

    /// <summary>The text without the outer pair of brackets, if they stand twice.</summary>
    public string WithoutDoubledBraces() => Text is ['{', '{', .., '}', '}'] text ? text[1..^1] : Text;

    public void Clear()
    {
        _text.Clear();
        _open.Clear();
        _isEscaped = IsInString = false;
    }
}
