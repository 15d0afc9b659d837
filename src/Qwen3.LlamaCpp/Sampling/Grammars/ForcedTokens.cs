using System.Text;
using System.Text.RegularExpressions;

namespace Qwen3.LlamaCpp.Sampling.Grammars;

/// <summary>
/// Finds forced tokens: the text that a grammar leaves no choice about, which need not be predicted token by token
/// (jump-forward decoding). They are the tokens that the tokenizer makes of that text, which the model was trained on,
/// and not others that spell it.
/// </summary>
internal sealed partial class ForcedTokens(Tokenizer tokenizer)
{
    // A word that the answer has begun is tokenized as a whole. Longer texts are taken piece by piece.
    private const int ContextTokens = 8, TextLength = 512;

    /// <summary>Finds the forced tokens; none where the next token is to be sampled.</summary>
    /// <param name="grammar">The grammar, at the end of the answer.</param>
    /// <param name="answer">The answer so far.</param>
    public ReadOnlySpan<int> Find(GrammarMatcher grammar, ReadOnlySpan<int> answer)
    {
        if (grammar.FindForcedToken() is { } token && token < tokenizer.VocabularySize)
        {
            return new int[] { token };
        }

        Span<byte> forced = stackalloc byte[TextLength];
        forced = forced[..grammar.FindForcedText(forced, out bool isWhole)];
        // One byte takes one step, sampled or forced.
        return forced.Length < 2 ? [] : Tokenize(ContextOf(answer), forced, isWhole);
    }

    /// <summary>The bytes of the answer's last tokens, those that are text.</summary>
    private byte[] ContextOf(ReadOnlySpan<int> answer)
    {
        int start = answer.Length;
        while (start > 0 && start > answer.Length - ContextTokens && !tokenizer.TokenTrie[answer[start - 1]].IsEmpty)
        {
            start--;
        }

        var bytes = new List<byte>();
        foreach (int token in answer[start..])
        {
            bytes.AddRange(tokenizer.TokenTrie[token]);
        }

        return [.. bytes.SkipWhile(IsContinuation)];
    }

    private ReadOnlySpan<int> Tokenize(byte[] context, scoped ReadOnlySpan<byte> forced, bool isWhole)
    {
        ReadOnlySpan<byte> text = (byte[])[.. context, .. forced];
        string characters = Encoding.UTF8.GetString(text[..LengthOfCharacters(text)]);
        int[] tokens = tokenizer.Encode(characters);
        // What comes next may belong to the last word, and make other tokens of all of it.
        text = text[..(isWhole ? text.Length : Encoding.UTF8.GetByteCount(characters.AsSpan(0, StartOfLastWord(characters))))];
        int position = 0, first = 0;
        while (position < context.Length && first < tokens.Length)
        {
            position += tokenizer.TokenTrie[tokens[first++]].Length;
        }

        if (position != context.Length || position > text.Length)
        {
            // The answer's last token would be another one before this text, or the word that it has begun goes on.
            return [];
        }

        int end = first;
        while (end < tokens.Length && text[position..].StartsWith(tokenizer.TokenTrie[tokens[end]]))
        {
            position += tokenizer.TokenTrie[tokens[end++]].Length;
        }

        return tokens.AsSpan(first..end);
    }

    private static int StartOfLastWord(string text)
    {
        int start = 0;
        foreach (ValueMatch word in Words().EnumerateMatches(text))
        {
            start = word.Index;
        }

        return start;
    }

    // The pieces that Qwen3's tokenizer takes a text apart into, before it looks for tokens in each: the pre_tokenizer
    // of its tokenizer.json.
    [GeneratedRegex(@"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Words();

    /// <summary>How much of a text is there without the beginning of a character at its end.</summary>
    private static int LengthOfCharacters(ReadOnlySpan<byte> text)
    {
        int start = text.Length - 1;
        while (start > 0 && IsContinuation(text[start]))
        {
            start--;
        }

        return Rune.DecodeFromUtf8(text[start..], out _, out int length) == System.Buffers.OperationStatus.Done ? start + length : start;
    }

    private static bool IsContinuation(byte value) => value is >= 0x80 and < 0xC0;
}
