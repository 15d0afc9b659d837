using Microsoft.Extensions.AI;
using Qwen3.Chat.Responses;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Tests.Responses;

/// <summary>The ways in which an output can reach the parser: all must give the same message.</summary>
internal static class ResponseReading
{
    public static ChatMessage Whole(Qwen3Variant variant, string output, params string[]? tools) => Qwen3Response.Parse(variant, output, tools);

    public static ChatMessage ByCharacter(Qwen3Variant variant, string output, params string[]? tools) => InPieces(variant, output, () => 1, tools);

    /// <param name="variant">The variant.</param>
    /// <param name="output">The output.</param>
    /// <param name="length">How long the next piece is.</param>
    /// <param name="tools">The functions on offer.</param>
    public static ChatMessage InPieces(Qwen3Variant variant, string output, Func<int> length, params string[]? tools)
    {
        var parser = new ResponseParser(variant, tools?.ToHashSet());
        var scanner = new TagScanner();
        List<AIContent> contents = [];
        for (int start = 0; start < output.Length;)
        {
            int end = Math.Min(output.Length, start + length());
            foreach (ResponsePiece piece in scanner.Append(output[start..end]))
            {
                parser.Append(piece, contents);
            }

            start = end;
        }

        foreach (ResponsePiece piece in scanner.Complete())
        {
            parser.Append(piece, contents);
        }

        parser.Complete(contents);
        return Qwen3Response.ToMessage(contents);
    }

    public static ChatMessage ByToken(Tokenizer tokenizer, Qwen3Variant variant, string output, params string[]? tools)
    {
        var reader = new TokenResponseReader(tokenizer, variant, tools?.ToHashSet());
        List<AIContent> contents = [];
        foreach (int token in tokenizer.Encode(output, SpecialTokens.UserDefined))
        {
            reader.Append(token, contents);
        }

        reader.Complete(contents);
        return Qwen3Response.ToMessage(contents);
    }
}
