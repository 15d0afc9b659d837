namespace Qwen3.LlamaCpp.Sampling.Grammars;

internal enum SymbolKind
{
    /// <summary>The end of one of a rule's alternatives.</summary>
    End,

    /// <summary>A rule, by its index.</summary>
    Rule,

    /// <summary>One byte of a set, by the set's index.</summary>
    Bytes,

    /// <summary>A token, by its id.</summary>
    Token,

    /// <summary>Any token but one, by the id of that.</summary>
    OtherToken,

    /// <summary>Members in any order, by the index of the <see cref="UnorderedRule"/>.</summary>
    Unordered,
}
