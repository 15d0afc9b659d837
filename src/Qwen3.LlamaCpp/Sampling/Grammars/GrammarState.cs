namespace Qwen3.LlamaCpp.Sampling.Grammars;

/// <summary>All the places in a grammar where a text can be, and what has been found out about going on from them.</summary>
internal sealed class GrammarState
{
    public GrammarState(GrammarStack[] stacks, bool isComplete, bool expectsTokens, int classes)
    {
        Stacks = stacks;
        IsComplete = isComplete;
        NextByToken = expectsTokens ? [] : null;
        NextByClass = new GrammarState?[classes];
        IsKnown = new bool[classes];
    }

    /// <summary>The places, each at bytes or a token; without the end.</summary>
    public GrammarStack[] Stacks { get; }

    /// <summary>Whether the text may end here.</summary>
    public bool IsComplete { get; }

    /// <summary>Whether one of the places is at a token.</summary>
    public bool ExpectsTokens => NextByToken is not null;

    /// <summary>Whether the text has ended: nothing can follow.</summary>
    public bool IsFinal => Stacks.Length == 0;

    /// <summary>Where each class of bytes leads, once <see cref="IsKnown"/>; <see langword="null"/> is nowhere.</summary>
    public GrammarState?[] NextByClass { get; }

    public bool[] IsKnown { get; }

    /// <summary>Where tokens have led, those taken by their id alone.</summary>
    public Dictionary<int, GrammarState?>? NextByToken { get; }

    /// <summary>The tokens that can follow, a bit for each, once it has been wanted.</summary>
    public ulong[]? AllowedTokens { get; set; }
}
