namespace Qwen3.LlamaCpp.Sampling.Grammars;

/// <summary>All the places in a grammar where a text can be, and what has been found out about going on from them.</summary>
internal sealed class GrammarState
{
    /// <summary>Stands for what has not been found out.</summary>
    public static readonly GrammarState Unknown = new(StackSet.Empty, expectsTokens: false, classes: 0);

    private readonly GrammarState?[] _nextByClass;

    public GrammarState(StackSet places, bool expectsTokens, int classes)
    {
        Places = places;
        NextByToken = expectsTokens ? [] : null;
        _nextByClass = new GrammarState?[classes];
        Array.Fill(_nextByClass, Unknown);
    }

    /// <summary>The places, each at bytes or a token.</summary>
    public StackSet Places { get; }

    /// <summary>Whether the text may end here.</summary>
    public bool IsComplete => Places.HasEnd;

    /// <summary>Whether one of the places is at a token.</summary>
    public bool ExpectsTokens => NextByToken is not null;

    /// <summary>Whether the text has ended: nothing can follow.</summary>
    public bool IsFinal => Places.Stacks.Length == 0;

    /// <summary>Where each class of bytes leads; <see langword="null"/> is nowhere, and <see cref="Unknown"/> not found out yet.</summary>
    public GrammarState?[] NextByClass => _nextByClass;

    /// <summary>Where tokens have led, those taken by their id alone.</summary>
    public Dictionary<int, GrammarState?>? NextByToken { get; }

    /// <summary>The tokens that can follow, a bit for each, once it has been wanted.</summary>
    public ulong[]? AllowedTokens { get; set; }
}
