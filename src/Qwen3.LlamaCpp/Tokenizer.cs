using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using LLama.Native;
using Qwen3.LlamaCpp.Loading;
using Qwen3.LlamaCpp.Sampling.Grammars;

namespace Qwen3.LlamaCpp;

/// <summary>Turns text into a model's token ids and back.</summary>
/// <remarks>
/// All members are safe for concurrent use. Text is normalized to Unicode's NFC form before it is tokenized, as the model's
/// reference tokenizer does and llama.cpp does not. No beginning-of-sequence token is added.
/// </remarks>
public sealed class Tokenizer
{
    private const int ControlType = 3, UserDefinedType = 4;

    private readonly SafeLlamaModelHandle _model;
    private readonly nint _vocabulary;
    private readonly Dictionary<string, SpecialToken> _specialTokens;
    private readonly SearchValues<string> _specialTexts;
    private readonly Lazy<TokenTrie> _tokenTrie;

    internal Tokenizer(SafeLlamaModelHandle model, IReadOnlyList<int> tokenTypes)
    {
        _model = model;
        _vocabulary = NativeMethods.llama_model_get_vocab(model);
        VocabularySize = model.Vocab.Count;
        _specialTokens = [];
        byte[] buffer = new byte[64];
        for (int id = 0; id < Math.Min(tokenTypes.Count, VocabularySize); id++)
        {
            // The file's own types, not llama.cpp's: it takes `</s>`, an ordinary token here, for a control token.
            if (tokenTypes[id] is ControlType or UserDefinedType)
            {
                string text = Encoding.UTF8.GetString(buffer, 0, GetBytes(id, ref buffer));
                _specialTokens.TryAdd(text, new(id, tokenTypes[id] == ControlType, LengthThroughLastLetter(text)));
            }
        }

        _specialTexts = SearchValues.Create([.. _specialTokens.Keys], StringComparison.Ordinal);
        _tokenTrie = new(CreateTokenTrie);
    }

    /// <summary>Gets the number of token ids: valid ids are 0 up to and without it.</summary>
    public int VocabularySize { get; }

    /// <summary>Tokenizes a text.</summary>
    /// <param name="text">The text. Surrogates without their partner count as U+FFFD.</param>
    /// <param name="specialTokens">What becomes of special tokens spelled in it. The default, <see cref="SpecialTokens.None"/>, suits text from anywhere.</param>
    /// <returns>The token ids.</returns>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public int[] Encode(string text, SpecialTokens specialTokens = SpecialTokens.None)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Encode([new TextPart(text, specialTokens)]);
    }

    /// <summary>Tokenizes a text that is made of parts by different hands, such as a template and what a person wrote into it.</summary>
    /// <remarks>
    /// The ids are those of the whole text: where a part ends, a token need not. A special token that is spelled across two parts stays text.
    /// </remarks>
    /// <param name="parts">The parts in their order.</param>
    /// <returns>The token ids.</returns>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public int[] Encode(IReadOnlyCollection<TextPart> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        string text = string.Concat(parts.Select(part => part.Text));
        var tokens = new List<int>((text.Length / 3) + 8);
        using IEnumerator<TextPart> part = parts.GetEnumerator();
        int partEnd = 0;
        int runStart = 0;
        int searched = 0;
        while (text.AsSpan(searched).IndexOfAny(_specialTexts) is >= 0 and int offset)
        {
            int start = searched + offset;
            while (partEnd <= start && part.MoveNext())
            {
                partEnd += part.Current.Text.Length;
            }

            (string special, SpecialToken token) = FindAt(text.AsSpan(start));
            int end = start + special.Length;
            SpecialTokens mode = end <= partEnd ? part.Current.SpecialTokens : SpecialTokens.None;
            if (mode == SpecialTokens.All || (mode == SpecialTokens.UserDefined && !token.IsControl))
            {
                EncodeRun(text.AsSpan(runStart..start), tokens);
                tokens.Add(token.Id);
                runStart = searched = end;
            }
            else if (token.IsControl)
            {
                // llama.cpp leaves these alone.
                searched = end;
            }
            else
            {
                // llama.cpp would make the id of a tag wherever it sees one, so it is shown it in two parts. A word ends where
                // its letters do, so the ids are those of a vocabulary that has no such tag.
                int split = start + token.LengthThroughLastLetter;
                EncodeRun(text.AsSpan(runStart..split), tokens);
                runStart = searched = split;
            }
        }

        EncodeRun(text.AsSpan(runStart), tokens);
        return [.. tokens];
    }

    /// <summary>Turns tokens into text, special tokens included.</summary>
    /// <param name="tokens">The token ids. Bytes that form no character become U+FFFD.</param>
    /// <returns>The text.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An id is not in the vocabulary.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public string Decode(IEnumerable<int> tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        var decoder = new TokenDecoder(this);
        var text = new StringBuilder();
        foreach (int token in tokens)
        {
            text.Append(decoder.Append(token));
        }

        return text.Append(decoder.Flush()).ToString();
    }

    /// <summary>Gets the id of a special token.</summary>
    /// <param name="text">The token's text, such as <c>&lt;|im_end|&gt;</c>.</param>
    /// <returns>Its id.</returns>
    /// <exception cref="KeyNotFoundException">The vocabulary has no such special token.</exception>
    public int GetSpecialTokenId(string text) => _specialTokens.TryGetValue(text, out SpecialToken token)
        ? token.Id
        : throw new KeyNotFoundException($"The model's vocabulary has no special token '{text}'; is it a Qwen3 model's?");

    /// <summary>Writes a token's bytes (a part of a character, sometimes) and returns how many they are.</summary>
    internal int GetBytes(int token, ref byte[] buffer)
    {
        if ((uint)token >= (uint)VocabularySize)
        {
            throw new ArgumentOutOfRangeException(nameof(token), token, $"Token ids of this vocabulary go from 0 to {VocabularySize - 1}.");
        }

        using ModelLease lease = new(_model);
        while (true)
        {
            // More than the buffer holds if it is too small.
            int length = (int)_model.TokenToSpan(token, buffer, special: true);
            if (length <= buffer.Length)
            {
                return length;
            }

            buffer = new byte[length];
        }
    }

    internal TokenTrie TokenTrie => _tokenTrie.Value;

    internal int? FindSpecialTokenId(string text) => _specialTokens.TryGetValue(text, out SpecialToken token) ? token.Id : null;

    private TokenTrie CreateTokenTrie()
    {
        HashSet<int> special = [.. _specialTokens.Values.Select(token => token.Id)];
        byte[] buffer = new byte[256];
        return new([.. Enumerable.Range(0, VocabularySize).Select(token => special.Contains(token) ? [] : buffer.AsSpan(0, GetBytes(token, ref buffer)).ToArray())]);
    }

    private static int LengthThroughLastLetter(string text)
    {
        int length = text.Length;
        while (length > 1 && !char.IsLetter(text[length - 1]))
        {
            length--;
        }

        return length;
    }

    private (string Text, SpecialToken Token) FindAt(ReadOnlySpan<char> text)
    {
        string? longest = null;
        foreach (string special in _specialTokens.Keys)
        {
            if (special.Length > (longest?.Length ?? 0) && text.StartsWith(special, StringComparison.Ordinal))
            {
                longest = special;
            }
        }

        return (longest!, _specialTokens[longest!]);
    }

    private unsafe void EncodeRun(ReadOnlySpan<char> run, List<int> tokens)
    {
        if (run.IsEmpty)
        {
            return;
        }

        byte[] utf8 = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(run.Length));
        try
        {
            int length = GetNormalizedUtf8(run, ref utf8);
            int start = tokens.Count;
            // A token has at least one byte, so this is always room enough.
            CollectionsMarshal.SetCount(tokens, start + length);
            using ModelLease lease = new(_model);
            fixed (byte* text = utf8)
            fixed (int* ids = CollectionsMarshal.AsSpan(tokens)[start..])
            {
                int count = NativeMethods.llama_tokenize(_vocabulary, text, length, ids, length, addSpecial: 0, parseSpecial: 0);
                if (count < 0)
                {
                    throw new LlamaException($"llama.cpp could not tokenize a text of {length} bytes (it answered {count}).");
                }

                CollectionsMarshal.SetCount(tokens, start + count);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(utf8);
        }
    }

    private static int GetNormalizedUtf8(ReadOnlySpan<char> run, ref byte[] utf8)
    {
        int length = Encoding.UTF8.GetBytes(run, utf8);
        if (Ascii.IsValid(run))
        {
            return length;
        }

        // Through UTF-8 and back, so that no lone surrogate is left, which normalization would throw at; so it does at U+FFFE,
        // which combines with nothing, so that what stands around it can be normalized apart.
        string text = string.Join('\uFFFE', Encoding.UTF8.GetString(utf8, 0, length).Split('\uFFFE').Select(part => part.Normalize(NormalizationForm.FormC)));
        if (Encoding.UTF8.GetMaxByteCount(text.Length) > utf8.Length)
        {
            ArrayPool<byte>.Shared.Return(utf8);
            utf8 = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        }

        return Encoding.UTF8.GetBytes(text, utf8);
    }

    private readonly record struct SpecialToken(int Id, bool IsControl, int LengthThroughLastLetter);

    /// <summary>Keeps the model, which owns the vocabulary, from being freed during a native call.</summary>
    private readonly ref struct ModelLease
    {
        private readonly SafeLlamaModelHandle _model;

        public ModelLease(SafeLlamaModelHandle model)
        {
            bool added = false;
            model.DangerousAddRef(ref added);
            _model = model;
        }

        public void Dispose() => _model.DangerousRelease();
    }
}
