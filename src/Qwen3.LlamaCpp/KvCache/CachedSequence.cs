namespace Qwen3.LlamaCpp.KvCache;

/// <summary>A sequence of llama.cpp's whose keys and values are in the cache: of a request under way, or kept from one that ended.</summary>
internal sealed class CachedSequence(int id)
{
    /// <summary>Gets the sequence's id in llama.cpp.</summary>
    public int Id { get; } = id;

    /// <summary>How many tokens are in the cache.</summary>
    public int Length { get; set; }

    /// <summary>How many of them are in the tree, where other sequences find them.</summary>
    public int RecordedLength { get; internal set; }

    /// <summary>Whether a request is computing it, so that it must stay.</summary>
    public bool IsRunning { get; set; }

    /// <summary>When it was last of use, on the cache's own clock.</summary>
    public long LastUsed { get; set; }

    /// <summary>Where its tokens end in the tree.</summary>
    internal PrefixTree.Node? Tail { get; set; }
}
