using System.Text;
using System.Text.Json;
using Qwen3.Chat;

namespace Qwen3.Remote;

/// <summary>
/// Reads the JSON values of a response body: server-sent events, one value per line, or one value over several lines,
/// whichever the server sends. The size of a value and of the body is limited.
/// </summary>
/// <param name="body">The response body.</param>
/// <param name="idle">Limits the time between two reads.</param>
/// <param name="errors">Creates the exceptions.</param>
internal sealed class ServerEventReader(Stream body, IdleTimeoutReader idle, ServerErrors errors)
{
    /// <summary>The most bytes that one event, or an answer that is not streamed, can have.</summary>
    public const int MaxEventLength = 32 << 20;

    /// <summary>
    /// The most bytes that a stream can have: an answer of 262,144 tokens in events of 500 bytes each.
    /// </summary>
    public const long MaxBodyLength = 128L << 20;

    private const int QuotedLength = 200;

    private byte[] _buffer = new byte[1 << 14];
    private int _start, _end, _scanned;
    private long _length;
    private bool _isAtEnd, _skipsLineFeed;

    // Lines of a value that is not complete.
    private StringBuilder? _pending;
    private bool _isPendingEvent;

    /// <summary>Gets the start of the body, for error messages.</summary>
    public string Start { get; private set; } = "";

    /// <summary>
    /// Gets a value indicating whether the event <c>[DONE]</c> was read, after which nothing follows.
    /// </summary>
    public bool IsDone { get; private set; }

    /// <summary>Reads the next value; returns <see langword="null"/> at the end.</summary>
    /// <exception cref="ModelServerException">A value is not JSON, or too large.</exception>
    public async ValueTask<JsonElement?> ReadAsync()
    {
        while (!IsDone && await ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            if (Read(line) is { } value)
            {
                return value;
            }
        }

        return Flush();
    }

    private JsonElement? Read(string line)
    {
        string text = line.TrimStart();
        bool isEvent = false;
        // Some gateways wrap the events of another server once more.
        while (text.StartsWith("data:", StringComparison.Ordinal))
        {
            text = text[5..].TrimStart();
            isEvent = true;
        }

        if (_pending is not null)
        {
            // An empty line ends an event, and can be part of a value outside of events.
            if (_isPendingEvent && text.Length == 0)
            {
                return Flush();
            }

            if (!_isPendingEvent || isEvent || !IsOtherField(text))
            {
                _pending.Append('\n').Append(isEvent ? text : line);
            }

            return _pending.Length > MaxEventLength
                ? throw errors.TooLarge($"an event of more than {MaxEventLength} bytes")
                : null;
        }

        if (text is "[DONE]")
        {
            IsDone = true;
        }
        else if (text is ['{' or '[', ..])
        {
            if (LenientJson.TryParse(text, out JsonElement value))
            {
                return value;
            }

            (_pending, _isPendingEvent) = (new(text), isEvent);
        }

        // Everything else is a comment, another field of an event, or a sign of life such as "data: ping".
        return null;
    }

    /// <summary>Whether a line is a comment or another field than data.</summary>
    private static bool IsOtherField(string line) =>
        line.StartsWith(':') || line.StartsWith("event:", StringComparison.Ordinal) ||
        line.StartsWith("id:", StringComparison.Ordinal) || line.StartsWith("retry:", StringComparison.Ordinal);

    private JsonElement? Flush()
    {
        if (_pending is null)
        {
            return null;
        }

        string text = _pending.ToString();
        _pending = null;
        return LenientJson.TryParse(text, out JsonElement value)
            ? value
            : throw errors.UnreadableEvent(WireJson.Quote(text, QuotedLength));
    }

    private async ValueTask<string?> ReadLineAsync()
    {
        while (true)
        {
            if (TakeLine() is { } line)
            {
                return line;
            }

            if (_isAtEnd)
            {
                return null;
            }

            if (_end == _buffer.Length)
            {
                MakeRoom();
            }

            int read = await idle.ReadAsync(body, _buffer.AsMemory(_end)).ConfigureAwait(false);
            _isAtEnd = read == 0;
            _end += read;
            _length += read;
            if (_length > MaxBodyLength)
            {
                throw errors.TooLarge($"more than {MaxBodyLength} bytes");
            }

            if (Start.Length < QuotedLength && _length - read < 4 * QuotedLength)
            {
                int take = Math.Min(read, 4 * QuotedLength);
                Start += Encoding.UTF8.GetString(_buffer, _end - read, take);
            }
        }
    }

    private string? TakeLine()
    {
        if (_skipsLineFeed && _start < _end)
        {
            _start += _buffer[_start] == '\n' ? 1 : 0;
            _scanned = Math.Max(_scanned, _start);
            _skipsLineFeed = false;
        }

        int found = _buffer.AsSpan(_scanned, _end - _scanned).IndexOfAny((byte)'\n', (byte)'\r');
        int length = found >= 0 ? _scanned - _start + found : _end - _start;
        if (found < 0 && (!_isAtEnd || length == 0))
        {
            _scanned = _end;
            return null;
        }

        string line = Encoding.UTF8.GetString(_buffer, _start, length).TrimStart('\ufeff');
        _skipsLineFeed = found >= 0 && _buffer[_start + length] == '\r';
        _start += found >= 0 ? length + 1 : length;
        _scanned = _start;
        return line;
    }

    private void MakeRoom()
    {
        int length = _end - _start;
        if (length > MaxEventLength)
        {
            throw errors.TooLarge($"an event of more than {MaxEventLength} bytes");
        }

        byte[] target = length > _buffer.Length / 2 ? new byte[_buffer.Length * 2] : _buffer;
        _buffer.AsSpan(_start, length).CopyTo(target);
        (_buffer, _scanned, _start, _end) = (target, _scanned - _start, 0, length);
    }
}
