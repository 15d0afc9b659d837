using System.Text;
using Qwen3.LlamaCpp.Sampling.Grammars;

namespace Qwen3.LlamaCpp;

/// <summary>A grammar in llama.cpp's notation (GBNF) over a model's vocabulary: what an answer can be.</summary>
/// <remarks>
/// <para>
/// The start rule is <c>root</c>. Beside characters a grammar can name tokens: <c>&lt;think&gt;</c> or <c>&lt;[151667]&gt;</c> is the one, and
/// <c>!&lt;think&gt;</c> any other. Special tokens come in no other way: characters are written in ordinary tokens only.
/// </para>
/// <para>
/// All members are safe for concurrent use. Make a grammar once and use it for any number of requests: what is worked out for one is kept for
/// the next.
/// </para>
/// </remarks>
public sealed class Grammar
{
    // llama.cpp follows each way of reading a text by itself, and compares each with each.
    private const int MaxWays = 500;

    private readonly string _text;
    private readonly Tokenizer _tokenizer;
    private readonly GrammarAutomaton _automaton;
    private readonly TokenTable _tokens;
    private readonly bool _isFitForLlama;

    // With each alternative by itself, as llama.cpp follows them.
    private readonly Lazy<GrammarAutomaton> _asWritten;

    /// <summary>Reads a grammar.</summary>
    /// <param name="gbnf">The rules.</param>
    /// <param name="tokenizer">The tokenizer of the model that is to write by it.</param>
    /// <exception cref="FormatException">The text is no grammar, a rule is missing or can begin with itself, or it is too large.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public Grammar(string gbnf, Tokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(gbnf);
        ArgumentNullException.ThrowIfNull(tokenizer);
        _text = gbnf;
        _tokenizer = tokenizer;
        GrammarRules rules = GbnfReader.Read(gbnf, tokenizer.FindSpecialTokenId, isFactored: true);
        _automaton = new(rules);
        _asWritten = new(() => new(GbnfReader.Read(gbnf, tokenizer.FindSpecialTokenId, isFactored: false)));
        _isFitForLlama = rules.IsFitForLlama;
        _tokens = tokenizer.TokenTable;
    }

    /// <summary>Tells whether a text is one that the grammar describes, the whole text and nothing after it, in the judgement of llama.cpp's own engine.</summary>
    /// <param name="text">The text. Special tokens spelled in it are text like any other, so that of a grammar that names tokens only the rest can be asked.</param>
    /// <returns>Whether it is.</returns>
    /// <exception cref="LlamaException">llama.cpp does not take the grammar, or the text can be read by it in so many ways that its engine would not come to an end.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public bool Accepts(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!_isFitForLlama)
        {
            // It would take hours, or more stack than there is, and the process with it.
            throw new LlamaException("The grammar's rules begin with one another in too long chains, or in too many ways, for llama.cpp's engine. Make them shorter.");
        }

        byte[] bytes = Encoding.UTF8.GetBytes(text);
        if (new GrammarMatcher(_asWritten.Value, _tokens).CountWays(bytes) is > MaxWays and var ways)
        {
            throw new LlamaException(
                $"The text can be read in {ways:0} ways, too many for llama.cpp's engine ({MaxWays}). Make the grammar's choices differ, or what repeats itself not hold what can repeat.");
        }

        return _tokenizer.IsAccepted(_text, bytes);
    }

    /// <summary>Gets the grammar's text.</summary>
    public override string ToString() => _text;

    internal Tokenizer Tokenizer => _tokenizer;

    internal GrammarMatcher CreateMatcher() => new(_automaton, _tokens);
}
