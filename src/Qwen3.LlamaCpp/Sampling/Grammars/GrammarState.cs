namespace Qwen3.LlamaCpp.Sampling.Grammars;

/// <summary>
/// A parser state: all positions in a grammar that a text can be at, and the transitions from there as far as they were
/// computed.
/// </summary>
internal sealed class GrammarState
{
    /// <summary>Stands for a transition that was not computed yet.</summary>
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

    /// <summary>
    /// Where each class of bytes leads; <see langword="null"/> is nowhere, and <see cref="Unknown"/> not found out yet.
    /// </summary>
    public GrammarState?[] NextByClass => _nextByClass;

    /// <summary>Where tokens have led, those taken by their id alone.</summary>
    public Dictionary<int, GrammarState?>? NextByToken { get; }

    /// <summary>The token mask, one bit for each token that can follow, once it was asked for.</summary>
    public ulong[]? TokenMask { get; set; }
}
