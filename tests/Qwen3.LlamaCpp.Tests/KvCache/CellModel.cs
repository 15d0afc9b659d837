using Qwen3.LlamaCpp.KvCache;
using Qwen3.LlamaCpp.Scheduling;

namespace Qwen3.LlamaCpp.Tests.KvCache;

/// <summary>
/// A cache of limited size in plain C#: each cell has a token, a position and the sequences that share it, as in llama.cpp's
/// unified cache. It checks that each sequence is contiguous.
/// </summary>
internal sealed class CellModel(int capacity) : IKvCells
{
    private readonly List<Cell> _cells = [];

    public int Used => _cells.Count;

    /// <summary>Gets the tokens of a sequence.</summary>
    public int[] TokensOf(int sequence)
    {
        Cell[] own = [.. _cells.Where(cell => cell.Sequences.Contains(sequence)).OrderBy(cell => cell.Position)];
        Assert.Equal(Enumerable.Range(0, own.Length), own.Select(cell => cell.Position));
        return [.. own.Select(cell => cell.Token)];
    }

    /// <summary>Computes a step; returns <see langword="false"/> if there are too few free cells.</summary>
    public bool Compute(ScheduledStep step)
    {
        if (_cells.Count + step.TokenCount > capacity)
        {
            return false;
        }

        foreach (ScheduledRequest request in step.Requests)
        {
            CachedSequence sequence = request.Sequence!;
            // What the scheduler believes is in the cache is there.
            Assert.Equal(request.Tokens[..sequence.Length].ToArray(), TokensOf(sequence.Id));
            for (int i = 0; i < request.StepLength; i++)
            {
                _cells.Add(new(request.Pending[i], sequence.Length + i, [sequence.Id]));
            }
        }

        return true;
    }

    public void Copy(int source, int destination, int length)
    {
        foreach (Cell cell in _cells.Where(cell => cell.Position < length && cell.Sequences.Contains(source)))
        {
            cell.Sequences.Add(destination);
        }
    }

    public void Remove(int sequence, int from)
    {
        foreach (Cell cell in _cells.Where(cell => cell.Position >= from))
        {
            cell.Sequences.Remove(sequence);
        }

        _cells.RemoveAll(cell => cell.Sequences.Count == 0);
    }

    public bool Save(int sequence, string path, ReadOnlySpan<int> tokens)
    {
        File.WriteAllText(path, string.Join(',', tokens.ToArray()));
        return true;
    }

    public int Load(int sequence, string path, Span<int> tokens)
    {
        int[] saved = [.. File.ReadAllText(path).Split(',').Select(int.Parse)];
        if (_cells.Count + saved.Length > capacity)
        {
            return 0;
        }

        for (int i = 0; i < saved.Length; i++)
        {
            _cells.Add(new(saved[i], i, [sequence]));
            tokens[i] = saved[i];
        }

        return saved.Length;
    }

    private sealed record Cell(int Token, int Position, HashSet<int> Sequences);
}
