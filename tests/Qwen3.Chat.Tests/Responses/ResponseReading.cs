using Microsoft.Extensions.AI;
using Qwen3.Chat.Responses;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Tests.Responses;

/// <summary>The ways in which an output can reach the parser: all must give the same message.</summary>
internal static class ResponseReading
{
    public static ChatMessage Whole(Qwen3Variant variant, string output, params string[]? tools) => Qwen3Response.Parse(variant, output, tools);

    public static ChatMessage ByCharacter(Qwen3Variant variant, string output, params string[]? tools)
    {
        var parser = new ResponseParser(variant, tools?.ToHashSet());
        var scanner = new TagScanner();
        List<AIContent> contents = [];
        foreach (char c in output)
        {
            foreach (ResponsePiece piece in scanner.Append(c.ToString()))
            {
                parser.Append(piece, contents);
            }
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
