using System.Globalization;
using System.Text;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Prompts;

/// <summary>
/// Tokenizes a prompt in chunks, to refuse a prompt that is far too long early and to observe cancellation.
/// </summary>
/// <remarks>
/// A chunk ends where the vocabulary's pre-tokenizer ends a word in any case, so the ids are those of the whole prompt.
/// </remarks>
/// <param name="tokenizer">The tokenizer.</param>
/// <param name="contextSize">The size of the context, which must hold the prompt and one more token.</param>
internal sealed class PromptTokenizer(Tokenizer tokenizer, int contextSize)
{
    private const int ChunkLength = 16_384;

    // Normalization to NFC shortens UTF-8 text at most by this factor.
    private const int NormalizationFactor = 3;

    private readonly Lazy<int> _longestToken = new(() =>
    {
        int[] token = [0];
        int longest = 1;
        for (; token[0] < tokenizer.VocabularySize; token[0]++)
        {
                // Never less than the token's bytes: incomplete characters become U+FFFD, which has three bytes.
            longest = Math.Max(longest, Encoding.UTF8.GetByteCount(tokenizer.Decode(token)));
        }

        return longest;
    });

    /// <exception cref="ContextLengthException">The prompt does not fit into the context.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public List<int> Encode(IReadOnlyCollection<TextPart> parts, CancellationToken cancellationToken)
    {
        List<int> tokens = [];
        List<TextPart> chunk = [];
        int length = 0;
        long rest = parts.Sum(part => (long)part.Text.Length);
        foreach (TextPart part in parts)
        {
            if (length >= ChunkLength &&
                part.SpecialTokens == SpecialTokens.All && part.Text.StartsWith("<|", StringComparison.Ordinal))
            {
                Flush();
            }

            int start = 0;
            while (FindEnd(part.Text, Math.Max(start + 1, start + ChunkLength - length)) is >= 0 and int end)
            {
                Add(part.Text[start..end], part.SpecialTokens);
                Flush();
                start = end;
            }

            Add(part.Text[start..], part.SpecialTokens);
        }

        Flush();
        return tokens;

        void Add(string text, SpecialTokens specialTokens)
        {
            chunk.Add(new(text, specialTokens));
            length += text.Length;
        }

        void Flush()
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (length > 4 * ChunkLength)
            {
                // A long word that cannot be divided.
                Refuse(tokens.Count + MinimumTokens(chunk), isMinimum: true);
            }

            tokens.AddRange(tokenizer.Encode(chunk));
            rest -= length;
            // Count on to the exact number where that is fast.
            Refuse(tokens.Count, isMinimum: rest > 4 * ChunkLength);
            chunk.Clear();
            length = 0;
        }

        void Refuse(int count, bool isMinimum)
        {
            if (count >= contextSize && (isMinimum || rest == 0))
            {
                throw new ContextLengthException(count, contextSize, isMinimum);
            }
        }
    }

    /// <summary>Returns a lower bound of the number of tokens.</summary>
    private int MinimumTokens(List<TextPart> parts)
    {
        long bytes = parts.Sum(
            part => (long)Encoding.UTF8.GetByteCount(part.Text) / (Ascii.IsValid(part.Text) ? 1 : NormalizationFactor));
        return (int)Math.Min(bytes / _longestToken.Value, int.MaxValue / 2);
    }

    /// <summary>
    /// Returns the first position, from one on, at which a word ends whatever follows, or -1 if there is none.
    /// </summary>
    private static int FindEnd(string text, int start)
    {
        for (int i = start; i < text.Length; i++)
        {
            (char before, char after) = (text[i - 1], text[i]);
            // A space ends anything but white space. Each digit is a word. Letters end where they do, and no tag is
            // cut.
            bool isEnd = after == ' ' ? !char.IsWhiteSpace(before)
                : char.IsAsciiDigit(before) ? after < 0x80 && !IsPartOfTag(after)
                : char.IsLetter(before) && (after is '\n' or '\r' or '\t' || IsPunctuationBeyondAscii(after));
            if (isEnd)
            {
                return i;
            }
        }

        return -1;
    }

    private static bool IsPunctuationBeyondAscii(char c) => c >= 0x80 && char.GetUnicodeCategory(c) is
        UnicodeCategory.OtherPunctuation or UnicodeCategory.OpenPunctuation or UnicodeCategory.ClosePunctuation;

    private static bool IsPartOfTag(char c) => c is '<' or '>' or '|' or '_' or '/';
}
