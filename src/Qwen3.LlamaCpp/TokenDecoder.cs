using System.Text;

namespace Qwen3.LlamaCpp;

/// <summary>Turns tokens into text one after the other, also where a character spans several tokens.</summary>
/// <remarks>Not safe for concurrent use: one decoder a stream of tokens. It allocates nothing for a token once its buffers have grown.</remarks>
public sealed class TokenDecoder
{
    private readonly Tokenizer _tokenizer;
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private byte[] _bytes = new byte[64];
    private char[] _chars = new char[68];

    /// <summary>Creates a decoder.</summary>
    /// <param name="tokenizer">The tokenizer of the model that made the tokens.</param>
    public TokenDecoder(Tokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        _tokenizer = tokenizer;
    }

    /// <summary>Takes the next token and returns the text that is complete with it.</summary>
    /// <param name="token">The token's id. A special token gives its text.</param>
    /// <returns>The text, empty while a character is incomplete; valid until the next call. Bytes that form no character become U+FFFD.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The id is not in the vocabulary.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public ReadOnlySpan<char> Append(int token)
    {
        int length = _tokenizer.GetBytes(token, ref _bytes);
        return Decode(_bytes.AsSpan(0, length), flush: false);
    }

    /// <summary>Ends the stream and returns what an incomplete character at its end stands for: U+FFFD, or nothing.</summary>
    /// <returns>The text; valid until the next call. The decoder can then be used for another stream.</returns>
    public ReadOnlySpan<char> Flush() => Decode([], flush: true);

    private ReadOnlySpan<char> Decode(ReadOnlySpan<byte> bytes, bool flush)
    {
        // Up to three bytes may be waiting from before.
        if (bytes.Length + 4 > _chars.Length)
        {
            _chars = new char[bytes.Length + 4];
        }

        int count = _decoder.GetChars(bytes, _chars, flush);
        return _chars.AsSpan(0, count);
    }
}
