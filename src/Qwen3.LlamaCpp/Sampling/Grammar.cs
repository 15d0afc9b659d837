using System.Text;
using Qwen3.LlamaCpp.Sampling.Grammars;

namespace Qwen3.LlamaCpp;

/// <summary>A grammar in llama.cpp's notation (GBNF) over a model's vocabulary, which constrains an answer.</summary>
/// <remarks>
/// <para>
/// The start rule is <c>root</c>. Besides characters, a grammar can name tokens: <c>&lt;think&gt;</c> or
/// <c>&lt;[151667]&gt;</c> is that token, and <c>!&lt;think&gt;</c> any other. Special tokens are sampled only where a
/// grammar names them: characters are written in ordinary tokens.
/// </para>
/// <para>
/// All members are safe for concurrent use. Create a grammar once and use it for any number of requests: parser states
/// and token masks that one request needs are kept for the next.
/// </para>
/// </remarks>
public sealed class Grammar
{
    private readonly Lazy<string> _text;
    private readonly Tokenizer _tokenizer;
    private readonly GrammarRules _rules;
    private readonly GrammarAutomaton _automaton;
    private readonly TokenTrie _tokens;

    /// <summary>Initializes a new instance of the <see cref="Grammar"/> class from its text.</summary>
    /// <param name="gbnf">The rules.</param>
    /// <param name="tokenizer">The tokenizer of the model whose answers are constrained.</param>
    /// <exception cref="FormatException">
    /// The text is not a grammar, a rule is missing or can begin with itself, or it is too large.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public Grammar(string gbnf, Tokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(gbnf);
        ArgumentNullException.ThrowIfNull(tokenizer);
        _text = new(gbnf);
        _tokenizer = tokenizer;
        _rules = GbnfReader.Read(gbnf, tokenizer.FindSpecialTokenId);
        _automaton = new(_rules);
        _tokens = tokenizer.TokenTrie;
    }

    /// <summary>Initializes a new instance of the <see cref="Grammar"/> class from rules, without their text.</summary>
    /// <inheritdoc cref="ExpressionCompiler.Compile"/>
    internal Grammar(GrammarRule root, Func<string> text, Tokenizer tokenizer, CancellationToken cancellationToken)
    {
        _text = new(text);
        _tokenizer = tokenizer;
        _rules = ExpressionCompiler.Compile(root, cancellationToken);
        _automaton = new(_rules);
        _tokens = tokenizer.TokenTrie;
    }

    /// <summary>Determines whether the grammar describes a text: the whole text and nothing after it.</summary>
    /// <param name="text">
    /// The text. Special tokens that are spelled in it count as text, so that a place where the grammar names a token
    /// matches nothing.
    /// </param>
    /// <returns><see langword="true"/> if the grammar describes the text.</returns>
    /// <exception cref="GrammarComplexityException">
    /// The text leads to a place where the grammar leaves too many alternatives open.
    /// </exception>
    public bool Accepts(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        GrammarMatcher matcher = CreateMatcher();
        return matcher.TryAccept(Encoding.UTF8.GetBytes(text)) && matcher.IsComplete;
    }

    /// <summary>Gets the grammar's text.</summary>
    public override string ToString() => _text.Value;

    internal Tokenizer Tokenizer => _tokenizer;

    /// <summary>Gets about how much memory it takes, including the parser states that are kept at the moment.</summary>
    internal long EstimatedBytes => (_text.IsValueCreated ? sizeof(char) * (long)_text.Value.Length : 0) + _rules.EstimatedBytes + _automaton.EstimatedBytes;

    internal GrammarMatcher CreateMatcher() => new(_automaton, _tokens);
}
