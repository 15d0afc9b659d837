namespace Qwen3.LlamaCpp;

/// <summary>A grammar leaves so much open that following it would hold up every other request.</summary>
/// <remarks>
/// The request that the grammar is for ends with it, and no other one. What such a grammar has is a text that is at thousands of its places at once:
/// alternatives that begin with what repeats, or repetitions within repetitions whose ends cannot be told.
/// </remarks>
public sealed class GrammarComplexityException : LlamaException
{
    /// <summary>Creates the exception.</summary>
    public GrammarComplexityException()
        : base(
            "The grammar can be followed in too many ways at once to go on with the answer. Have its alternatives, those of a schema's patterns and of anyOf too, " +
            "begin differently, and what repeats not hold what repeats; or have fewer of them.")
    {
    }
}
