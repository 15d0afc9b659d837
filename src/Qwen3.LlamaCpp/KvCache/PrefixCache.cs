namespace Qwen3.LlamaCpp.KvCache;

/// <summary>What is in a context's KV cache: lets sequences begin with what others have computed, and makes room when there is none.</summary>
/// <remarks>Sequences that begin alike share the cells of their beginning. Used by the thread of the decode loop only.</remarks>
internal sealed class PrefixCache
{
    // llama.cpp's LLAMA_MAX_SEQ: in a unified cache each of these ids can be used, however many sequences a batch may have.
    private const int MaxSequences = 256;

    private const int MinEviction = 256;

    private readonly IKvCells _cells;
    private readonly PrefixTree _tree = new();
    private readonly List<CachedSequence> _kept = [];
    // 0 is left to the cells, for saving and loading.
    private readonly Stack<int> _freeIds = new(Enumerable.Range(1, MaxSequences - 1).Reverse());
    private long _clock;

    public PrefixCache(IKvCells cells) => _cells = cells;

    /// <summary>How many of the tokens are in the cache, as the beginning of one sequence.</summary>
    public int Match(ReadOnlySpan<int> tokens) => _tree.Match(tokens).Length;

    /// <summary>Starts a sequence with as many of <paramref name="tokens"/> as the cache has.</summary>
    public CachedSequence Start(ReadOnlySpan<int> tokens)
    {
        (int length, CachedSequence? source) = _tree.Match(tokens);
        if (source is not null)
        {
            source.LastUsed = ++_clock;
            if (!source.IsRunning && source.Length == length)
            {
                // The conversation that goes on.
                _kept.Remove(source);
                source.IsRunning = true;
                return source;
            }
        }

        CachedSequence sequence = StartEmpty(except: source);
        if (source is not null)
        {
            _cells.Copy(source.Id, sequence.Id, length);
            sequence.Length = length;
            Record(sequence, tokens);
        }

        return sequence;
    }

    /// <summary>Starts a sequence with nothing.</summary>
    public CachedSequence StartEmpty(CachedSequence? except = null)
    {
        if (_freeIds.Count == 0)
        {
            Drop(Oldest(except)!);
        }

        return new(_freeIds.Pop()) { IsRunning = true };
    }

    /// <summary>Makes what a sequence has of its tokens findable for others.</summary>
    public void Record(CachedSequence sequence, ReadOnlySpan<int> tokens) => _tree.Extend(sequence, tokens[sequence.RecordedLength..sequence.Length]);

    /// <summary>Takes back what a failed or aborted step may have left behind a sequence.</summary>
    public void Rollback(CachedSequence sequence) => _cells.Remove(sequence.Id, sequence.Length);

    /// <summary>Keeps a sequence for those that will begin like it.</summary>
    public void Keep(CachedSequence sequence, ReadOnlySpan<int> tokens)
    {
        Record(sequence, tokens);
        sequence.IsRunning = false;
        sequence.LastUsed = ++_clock;
        _kept.Add(sequence);
        for (int i = _kept.Count - 1; i >= 0; i--)
        {
            // Another sequence has all of it.
            if (PrefixTree.ExclusiveStart(_kept[i]) == _kept[i].Length)
            {
                Drop(_kept[i]);
            }
        }
    }

    /// <summary>Forgets a sequence; its cells are free unless others share them.</summary>
    public void Drop(CachedSequence sequence)
    {
        _kept.Remove(sequence);
        _tree.Truncate(sequence, 0);
        _cells.Remove(sequence.Id, 0);
        _freeIds.Push(sequence.Id);
    }

    /// <summary>Frees cells at the end of the kept sequence that was of no use for the longest time; <see langword="false"/> if none is kept.</summary>
    public bool Evict(int tokens)
    {
        CachedSequence? oldest = Oldest(except: null);
        if (oldest is null)
        {
            return false;
        }

        int start = PrefixTree.ExclusiveStart(oldest);
        int length = Math.Max(start, oldest.Length - Math.Max(tokens, MinEviction));
        if (length == start)
        {
            Drop(oldest);
        }
        else
        {
            _tree.Truncate(oldest, length);
            oldest.Length = length;
            Rollback(oldest);
        }

        return true;
    }

    /// <summary>Writes the longest cached beginning of some tokens to a file.</summary>
    /// <returns>The number of tokens that were written; 0 if none is cached.</returns>
    /// <exception cref="StateFileException">The file could not be written.</exception>
    public int Save(string path, ReadOnlySpan<int> tokens)
    {
        CachedSequence sequence = Start(tokens);
        int count = sequence.Length;
        bool isWritten = count == 0 || _cells.Save(sequence.Id, path, tokens[..count]);
        Release(sequence, tokens);
        return isWritten ? count : throw new StateFileException(path, $"llama.cpp could not write {path}.");
    }

    /// <summary>Reads a sequence from a file, evicting others for it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tokens">Room for its tokens.</param>
    /// <param name="onAttempt">Receives whether an attempt succeeded; more are made as long as something can be evicted.</param>
    /// <returns>The number of tokens; 0 if it could not be read.</returns>
    public int Load(string path, Span<int> tokens, Action<bool> onAttempt)
    {
        CachedSequence sequence = StartEmpty();
        do
        {
            sequence.Length = _cells.Load(sequence.Id, path, tokens);
            onAttempt(sequence.Length > 0);
        }
        while (sequence.Length == 0 && Evict(tokens.Length));

        int count = sequence.Length;
        Release(sequence, tokens);
        return count;
    }

    private void Release(CachedSequence sequence, ReadOnlySpan<int> tokens)
    {
        if (sequence.Length > 0)
        {
            Keep(sequence, tokens);
        }
        else
        {
            Drop(sequence);
        }
    }

    private CachedSequence? Oldest(CachedSequence? except)
    {
        CachedSequence? oldest = null;
        foreach (CachedSequence sequence in _kept)
        {
            if (sequence != except && (oldest is null || sequence.LastUsed < oldest.LastUsed))
            {
                oldest = sequence;
            }
        }

        return oldest;
    }
}
