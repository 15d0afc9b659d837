using System.Text;

namespace Qwen3.LlamaCpp;

/// <summary>A grammar in llama.cpp's notation (GBNF) over a model's vocabulary, whose start rule is <c>root</c>.</summary>
/// <remarks>All members are safe for concurrent use. Make it once and use it for any number of requests: what was worked out for one is kept for the next.</remarks>
public sealed class Grammar
{
    private readonly string _text;
    private readonly Tokenizer _tokenizer;

    /// <summary>Reads a grammar.</summary>
    /// <param name="gbnf">The rules, as llama.cpp documents them.</param>
    /// <param name="tokenizer">The tokenizer of the model that is to write by it.</param>
    public Grammar(string gbnf, Tokenizer tokenizer)
    {
        ArgumentException.ThrowIfNullOrEmpty(gbnf);
        ArgumentNullException.ThrowIfNull(tokenizer);
        _text = gbnf;
        _tokenizer = tokenizer;
    }

    /// <summary>Tells whether a text is one that the grammar describes, the whole text and nothing after it, in the judgement of llama.cpp's own engine.</summary>
    /// <param name="text">The text. Special tokens spelled in it are text like any other.</param>
    /// <returns>Whether it is.</returns>
    /// <exception cref="LlamaException">llama.cpp does not take the grammar.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public bool Accepts(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _tokenizer.IsAccepted(_text, Encoding.UTF8.GetBytes(text));
    }

    /// <summary>Gets the grammar's text.</summary>
    public override string ToString() => _text;
}
