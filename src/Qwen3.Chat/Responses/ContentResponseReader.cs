using Microsoft.Extensions.AI;
using Qwen3.Chat.Prompts;

namespace Qwen3.Chat.Responses;

/// <summary>
/// Parses an answer from the contents of a server's client: whole or in pieces, parsed by the server, partly, or not at
/// all.
/// </summary>
/// <param name="variant">The variant that writes the answer.</param>
/// <param name="toolNames">The names of the offered functions. If there are none, the tags of calls are text.</param>
internal sealed class ContentResponseReader(Qwen3Variant variant, IReadOnlySet<string> toolNames)
{
    private readonly TagScanner _scanner = new();
    private readonly TextRun _givenReasoning = new();
    private readonly List<string> _readCalls = [];
    private readonly List<string> _givenCalls = [];
    private ResponseParser _parser = new(variant, toolNames);
    private bool _hasText;

    /// <summary>Gets a value indicating whether calls were parsed from the text.</summary>
    public bool HasReadCalls { get; private set; }

    /// <summary>Corrects the finish reason of a server that did not parse the calls.</summary>
    public static ChatFinishReason? Mend(ChatFinishReason? reason, bool hasReadCalls) =>
        hasReadCalls && reason == ChatFinishReason.Stop ? ChatFinishReason.ToolCalls : reason;

    public void Append(IEnumerable<AIContent> contents, List<AIContent> output)
    {
        AIContent[] batch = [.. contents];
        // Checked first, because some clients put the reasoning of a whole answer after its text.
        if (variant == Qwen3Variant.Thinking && !_hasText && Array.Exists(batch, IsReasoning))
        {
            // The server separated the reasoning, so the text begins after it.
            _parser = new(Qwen3Variant.Hybrid, toolNames);
        }

        foreach (AIContent content in batch)
        {
            if (content is TextContent text)
            {
                Append(text, output);
            }
            else if (content is TextReasoningContent { ProtectedData: null } reasoning)
            {
                Append(reasoning, output);
            }
            else if (content is not FunctionCallContent call || !IsRepeat(call, _givenCalls, _readCalls))
            {
                output.Add(content);
            }
        }
    }

    /// <summary>Ends the answer and adds the contents that were withheld.</summary>
    public void Complete(List<AIContent> output)
    {
        Read(_scanner.Complete(), output);
        List<AIContent> rest = [];
        _parser.Complete(rest);
        Add(rest, output);
    }

    private static bool IsReasoning(AIContent content) =>
        content is TextReasoningContent reasoning && (reasoning.Text.Length > 0 || reasoning.ProtectedData is not null);

    /// <summary>
    /// Adds reasoning that the server separated, without the newlines that some servers leave around it.
    /// </summary>
    private void Append(TextReasoningContent content, List<AIContent> output)
    {
        string text = _givenReasoning.Append(content.Text);
        if (text == content.Text)
        {
            output.Add(content);
        }
        else if (text.Length > 0)
        {
            output.Add(new TextReasoningContent(text)
            {
                AdditionalProperties = content.AdditionalProperties,
                Annotations = content.Annotations,
                RawRepresentation = content.RawRepresentation,
            });
        }
    }

    private void Append(TextContent content, List<AIContent> output)
    {
        _hasText |= !string.IsNullOrWhiteSpace(content.Text);
        int start = output.Count;
        Read(_scanner.Append(content.Text), output);
        if (output.Count == start + 1 && output[start] is TextContent text)
        {
            text.AdditionalProperties = content.AdditionalProperties;
            text.Annotations = content.Annotations;
        }
    }

    private void Read(IReadOnlyList<ResponsePiece> pieces, List<AIContent> output)
    {
        List<AIContent> read = [];
        foreach (ResponsePiece piece in pieces)
        {
            bool isText = toolNames.Count == 0 && piece.Tag is ResponseTag.ToolCallStart or ResponseTag.ToolCallEnd;
            _parser.Append(isText ? new(piece.Text) : piece, read);
        }

        Add(read, output);
    }

    private void Add(List<AIContent> read, List<AIContent> output)
    {
        foreach (AIContent content in read)
        {
            HasReadCalls |= content is FunctionCallContent;
            if (content is not FunctionCallContent call || !IsRepeat(call, _readCalls, _givenCalls))
            {
                output.Add(content);
            }
        }
    }

    /// <summary>
    /// Returns whether a call came in the other form too: some servers keep the text of calls that they parse.
    /// </summary>
    private static bool IsRepeat(FunctionCallContent call, List<string> own, List<string> others)
    {
        string key = $"{call.Name} {PromptJson.Format(call.Arguments)}";
        if (others.Remove(key))
        {
            return true;
        }

        own.Add(key);
        return false;
    }
}
