using Microsoft.Extensions.AI;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Responses;

/// <summary>Parses an answer from its tokens. Tags are recognized by token id, not by their spelling.</summary>
internal sealed class TokenResponseReader
{
    private readonly Dictionary<int, ResponsePiece> _tags;
    private readonly TokenDecoder _decoder;
    private readonly ResponseParser _parser;

    public TokenResponseReader(
        Tokenizer tokenizer, Qwen3Variant variant, IReadOnlySet<string>? toolNames, bool endsThinkingAtTag = false)
    {
        _tags = ResponseTags.All.ToDictionary(
            tag => tokenizer.GetSpecialTokenId(tag.Text()), tag => new ResponsePiece(tag));
        _decoder = new(tokenizer);
        _parser = new(variant, toolNames, endsThinkingAtTag: endsThinkingAtTag);
    }

    /// <summary>Gets the number of tokens of the reasoning, including its closing tag.</summary>
    public int ReasoningTokens { get; private set; }

    public void Append(int token, List<AIContent> output)
    {
        bool wasReasoning = _parser.IsReasoning;
        if (_tags.TryGetValue(token, out ResponsePiece tag))
        {
            AppendText(_decoder.Flush(), output);
            _parser.Append(tag, output);
        }
        else
        {
            AppendText(_decoder.Append(token), output);
        }

        if (wasReasoning || _parser.IsReasoning)
        {
            ReasoningTokens++;
        }
    }

    public void Complete(List<AIContent> output)
    {
        AppendText(_decoder.Flush(), output);
        _parser.Complete(output);
    }

    private void AppendText(ReadOnlySpan<char> text, List<AIContent> output)
    {
        if (!text.IsEmpty)
        {
            _parser.Append(new ResponsePiece(text.ToString()), output);
        }
    }
}
