namespace Qwen3.LlamaCpp.KvCache;

/// <summary>The cells of a context's KV cache, by sequence. Sequences can share cells.</summary>
internal interface IKvCells
{
    /// <summary>Lets a sequence share the first cells of another one.</summary>
    void Copy(int source, int destination, int length);

    /// <summary>Removes a sequence from a position on. Cells that no sequence shares any more become free.</summary>
    void Remove(int sequence, int from);

    /// <summary>Writes a sequence to a file.</summary>
    /// <returns>Whether the file was written.</returns>
    bool Save(int sequence, string path, ReadOnlySpan<int> tokens);

    /// <summary>Reads a sequence from a file that <see cref="Save"/> wrote.</summary>
    /// <param name="sequence">An empty sequence.</param>
    /// <param name="path">The file.</param>
    /// <param name="tokens">Receives the tokens of the sequence.</param>
    /// <returns>The number of tokens, or 0 if the file could not be read or there are too few free cells.</returns>
    int Load(int sequence, string path, Span<int> tokens);
}
