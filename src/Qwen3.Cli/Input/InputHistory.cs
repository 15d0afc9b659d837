namespace Qwen3.Cli.Input;

/// <summary>The history of entries, and the entry that is being written.</summary>
internal sealed class InputHistory
{
    private readonly List<string> _entries = [];
    private string _unfinished = "";
    private int _position;

    public void Add(string entry)
    {
        if (entry.Length > 0 && (_entries.Count == 0 || _entries[^1] != entry))
        {
            _entries.Add(entry);
        }

        _position = _entries.Count;
    }

    /// <summary>Returns the previous entry, or <see langword="null"/> if there is none.</summary>
    public string? Previous(string shown)
    {
        if (_position == 0)
        {
            return null;
        }

        if (_position == _entries.Count)
        {
            _unfinished = shown;
        }

        return _entries[--_position];
    }

    /// <summary>Returns the next entry; after the last one, the entry that was being written.</summary>
    public string? Next() =>
        _position == _entries.Count ? null
        : ++_position == _entries.Count ? _unfinished
        : _entries[_position];
}
