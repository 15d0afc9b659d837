using Microsoft.Extensions.AI;
using Qwen3.Chat;
using Qwen3.Chat.Format;

namespace Qwen3.Remote;

/// <summary>Decides what of an answer is reasoning where the server's fields do not say so.</summary>
/// <remarks>
/// <para>
/// The prompt of a thinking model ends with an opening tag. A server without a reasoning parser sends the reasoning,
/// the closing tag and the text as one text; a server with one, or one that keeps the model from thinking, sends text
/// that looks the same at its start. Such text is held until the closing tag or the end of the answer decides, unless
/// earlier answers of the server did.
/// </para>
/// <para>
/// The other way around, a parser that waits for a closing tag takes the whole answer of a model that does not think
/// for reasoning.
/// </para>
/// </remarks>
/// <param name="beginsThinking">Whether the prompt ends inside the reasoning.</param>
/// <param name="thinks">Whether the request lets the model think.</param>
/// <param name="wantsJson">Whether the request asks for JSON.</param>
/// <param name="state">What is known of the server.</param>
internal sealed class ThinkingSeparator(bool beginsThinking, bool thinks, bool wantsJson, ServerState state)
{
    private const string OpeningTag = ChatFormat.ThinkStart, ClosingTag = ChatFormat.ThinkEnd;

    private const int MaxHeadLength = 64;

    private readonly List<TextReasoningContent> _heldReasoning = [];
    private readonly List<TextContent> _heldText = [];
    private string _head = "", _tail = "";
    private bool _hasReasoning, _isDecided, _holdsReasoning = true;

    /// <summary>Adds a piece of the answer, and outputs what is decided.</summary>
    public void Add(TextReasoningContent reasoning, List<AIContent> output)
    {
        state.ParsesReasoning = _hasReasoning = true;
        ReleaseText(asReasoning: false, output);
        _heldReasoning.Add(reasoning);
        string? first = _heldReasoning.Find(held => !string.IsNullOrWhiteSpace(held.Text))?.Text.TrimStart();
        _holdsReasoning &= !thinks || (wantsJson && first is null or ['{' or '[', ..]);
        if (!_holdsReasoning)
        {
            ReleaseReasoning(output);
        }
    }

    /// <inheritdoc cref="Add(TextReasoningContent, List{AIContent})"/>
    public void Add(TextContent text, List<AIContent> output)
    {
        if (!string.IsNullOrWhiteSpace(text.Text))
        {
            _holdsReasoning = false;
            ReleaseReasoning(output);
        }

        if (_isDecided || !beginsThinking || wantsJson || _hasReasoning || state.ParsesReasoning)
        {
            output.Add(text);
            return;
        }

        _heldText.Add(text);
        string end = _tail + text.Text;
        _head += _head.Length < MaxHeadLength ? text.Text : "";
        if (state.LeavesReasoningInText || _head.TrimStart().StartsWith(OpeningTag, StringComparison.Ordinal))
        {
            ReleaseText(asReasoning: true, output);
        }
        else if (end.Contains(ClosingTag, StringComparison.Ordinal))
        {
            state.LeavesReasoningInText = true;
            ReleaseText(asReasoning: true, output);
        }

        _tail = end.Length < ClosingTag.Length ? end : end[^(ClosingTag.Length - 1)..];
    }

    /// <summary>Ends the answer.</summary>
    /// <param name="finish">How it ended.</param>
    /// <param name="hasCalls">Whether it has calls.</param>
    /// <param name="output">Receives the rest of the answer.</param>
    public void Complete(ChatFinishReason? finish, bool hasCalls, List<AIContent> output)
    {
        // Cut off by its length before the closing tag.
        ReleaseText(asReasoning: thinks && finish == ChatFinishReason.Length, output);
        bool isText = !hasCalls && (!thinks || IsJson());
        output.AddRange(_heldReasoning.Select(reasoning => isText
            ? (AIContent)new TextContent(reasoning.Text)
            : reasoning));
        _heldReasoning.Clear();
    }

    private bool IsJson() =>
        wantsJson &&
            LenientJson.TryParseStrictly(string.Concat(_heldReasoning.Select(reasoning => reasoning.Text)), out _);

    private void ReleaseReasoning(List<AIContent> output)
    {
        output.AddRange(_heldReasoning);
        _heldReasoning.Clear();
    }

    private void ReleaseText(bool asReasoning, List<AIContent> output)
    {
        if (_heldText.Count == 0)
        {
            return;
        }

        _isDecided = true;
        // Those who read the tags in the text need the one that the prompt has.
        if (asReasoning && !_head.TrimStart().StartsWith(OpeningTag, StringComparison.Ordinal))
        {
            output.Add(new TextContent(OpeningTag));
        }

        output.AddRange(_heldText);
        _heldText.Clear();
    }
}

/// <summary>What the answers of a server showed about it. Requests side by side read and write it.</summary>
internal sealed class ServerState
{
    private volatile bool _parsesReasoning, _leavesReasoningInText, _lacksToolParser, _lacksThinkingBudget;

    /// <summary>Gets or sets a value indicating whether an answer had its reasoning apart from the text.</summary>
    public bool ParsesReasoning { get => _parsesReasoning; set => _parsesReasoning = value; }

    /// <summary>
    /// Gets or sets a value indicating whether an answer had a closing tag in its text without an opening one.
    /// </summary>
    public bool LeavesReasoningInText { get => _leavesReasoningInText; set => _leavesReasoningInText = value; }

    /// <summary>Gets or sets a value indicating whether the server refused to parse tool calls.</summary>
    public bool LacksToolParser { get => _lacksToolParser; set => _lacksToolParser = value; }

    /// <summary>Gets or sets a value indicating whether the server refused a thinking budget.</summary>
    public bool LacksThinkingBudget { get => _lacksThinkingBudget; set => _lacksThinkingBudget = value; }
}
