using System.Text;
using Microsoft.Extensions.AI;

namespace Qwen3.Chat.Responses;

/// <summary>
/// The state machine that separates reasoning, text and tool calls. It takes tags and text in order, and adds contents
/// to a list as soon as they are certain. Withheld contents are added at the end. Only newlines around the parts and
/// the tags are lost.
/// </summary>
/// <param name="variant">The variant that writes the output.</param>
/// <param name="toolNames">
/// The names of the offered functions, if known. Inside the reasoning only their calls count.
/// </param>
/// <param name="mends">Whether to repair invalid calls.</param>
/// <param name="endsThinkingAtTag">
/// Whether the closing tag always ends the reasoning, even inside a string of a call.
/// </param>
internal sealed class ResponseParser(
    Qwen3Variant variant, IReadOnlySet<string>? toolNames, bool mends = true, bool endsThinkingAtTag = false)
{
    private readonly TextRun _reasoning = new();
    private readonly TextRun _content = new();

    // The pieces after the tag of a call inside the reasoning, until it is known whether the model means the call.
    private readonly List<ResponsePiece> _held = [];
    private ResponseParser? _probe;
    private bool _isReasoningClosed;

    // The block of a call: its raw text since the last parsed call, and the object at its end.
    private readonly StringBuilder _block = new();
    // The tags inside the block's strings with their positions, without text that only spells a tag.
    private readonly List<(int Start, ResponseTag Tag)> _blockTags = [];
    private readonly JsonObjectScanner _object = new();
    private int _callsInBlock;
    private bool _isBroken;
    private int _fenceMarks;

    // A block that turned out to be text, and whose closing tag may follow.
    private StringBuilder? _openText;
    private bool _isOpenAfterCalls;

    private State _state = variant == Qwen3Variant.Thinking ? State.Reasoning : State.Content;

    private enum State
    {
        Reasoning,
        Content,
        Call,
    }

    /// <summary>Gets a value indicating whether the next piece belongs to the reasoning, as far as is known.</summary>
    public bool IsReasoning => _state == State.Reasoning && !_isReasoningClosed;

    public void Append(ResponsePiece piece, List<AIContent> output)
    {
        switch (_state)
        {
            case State.Reasoning when _held.Count > 0:
                AppendHeld(piece, output);
                break;
            case State.Reasoning:
                AppendReasoning(piece, output);
                break;
            case State.Content:
                AppendContent(piece, output);
                break;
            case State.Call:
                AppendCall(piece, output);
                break;
        }
    }

    /// <summary>Ends the output and adds the contents that were withheld.</summary>
    public void Complete(List<AIContent> output)
    {
        // Released pieces are parsed again, and may end inside another call.
        while (_held.Count > 0 || _state == State.Call)
        {
            if (_held.Count > 0)
            {
                ReleaseHeld(FindCalls(), output);
            }
            else
            {
                CompleteCall(output);
            }
        }
    }

    private void AppendReasoning(ResponsePiece piece, List<AIContent> output)
    {
        switch (piece.Tag)
        {
            case ResponseTag.ThinkEnd:
                _state = State.Content;
                break;
            case ResponseTag.ThinkStart when !_reasoning.IsInText:
                // The prompt or the model opened the reasoning already.
                break;
            case ResponseTag.ToolCallStart:
                _probe = new(Qwen3Variant.Instruct, toolNames, mends: false);
                _held.Add(piece);
                _probe.Append(piece, []);
                break;
            default:
                AddReasoning(piece.Text, output);
                break;
        }
    }

    private void AppendHeld(ResponsePiece piece, List<AIContent> output)
    {
        if (_isReasoningClosed)
        {
            if (piece.IsWhiteSpace)
            {
                _held.Add(piece);
            }
            else
            {
                // An answer follows, so the model only thought about the call.
                ReleaseHeld(_held.Count, output);
                Append(piece, output);
            }

            return;
        }

        if (piece.Tag == ResponseTag.ThinkEnd && (endsThinkingAtTag || _probe?._object.IsInString != true))
        {
            _held.Add(piece);
            _isReasoningClosed = true;
            if (FindCallsAtEnd() == _held.Count)
            {
                ReleaseHeld(_held.Count, output);
            }
        }
        else if (_probe is not null && Probe(piece) is { } isCall)
        {
            if (isCall)
            {
                _held.Add(piece);
                _probe = null;
            }
            else
            {
                ReleaseHeld(_held.Count, output);
                Append(piece, output);
            }
        }
        else
        {
            _held.Add(piece);
        }
    }

    /// <summary>
    /// Returns whether the held text is a call of an offered function, or <see langword="null"/> while that is unknown.
    /// </summary>
    private bool? Probe(ResponsePiece piece)
    {
        List<AIContent> found = [];
        _probe!.Append(piece, found);
        return found.Count == 0 ? null : IsOfferedCall(found[0]);
    }

    /// <summary>Returns the index of the held piece at which the calls that end the reasoning begin.</summary>
    private int FindCalls()
    {
        if (_isReasoningClosed)
        {
            return FindCallsAtEnd();
        }

        if (_probe is null)
        {
            return 0;
        }

        // The first call is incomplete: its string contains the end of the reasoning, or a complete call.
        int end = _held.FindIndex(piece => piece.Tag == ResponseTag.ThinkEnd);
        int last = _held.FindLastIndex(piece => piece.Tag == ResponseTag.ToolCallStart);
        return end < 0 && last > 0 && Read(_held[last..]) is { Count: > 0 } contents && IsOfferedCall(contents[0])
            ? last
            : _held.Count;
    }

    /// <summary>
    /// Returns the index of the held piece at which the calls at the end begin, or the number of pieces.
    /// </summary>
    private int FindCallsAtEnd()
    {
        int end = _held.FindLastIndex(piece => piece.Tag == ResponseTag.ThinkEnd);
        int found = _held.Count;
        for (int i = end - 1; i >= 0; i--)
        {
            if (_held[i].Tag == ResponseTag.ToolCallStart)
            {
                List<AIContent> contents = Read(_held.GetRange(i, end - i));
                if (contents.Count == 0 || !contents.TrueForAll(IsOfferedCall))
                {
                    break;
                }

                (found, end) = (i, i);
            }
        }

        return found;
    }

    private static List<AIContent> Read(List<ResponsePiece> block)
    {
        var parser = new ResponseParser(Qwen3Variant.Instruct, toolNames: null, mends: false);
        List<AIContent> contents = [];
        block.ForEach(piece => parser.Append(piece, contents));
        parser.Complete(contents);
        return contents;
    }

    private bool IsOfferedCall(AIContent content) =>
        content is FunctionCallContent call && toolNames?.Contains(call.Name) != false;

    /// <summary>Adds the first held pieces to the reasoning and parses the rest as content.</summary>
    private void ReleaseHeld(int reasoningCount, List<AIContent> output)
    {
        ResponsePiece[] held = [.. _held];
        _held.Clear();
        _probe = null;
        foreach (ResponsePiece piece in held.AsSpan(0, reasoningCount))
        {
            if (piece.Tag == ResponseTag.ThinkEnd)
            {
                _state = State.Content;
            }
            else if (_state == State.Reasoning)
            {
                AddReasoning(piece.Text, output);
            }
            else
            {
                Append(piece, output);
            }
        }

        if (_state == State.Reasoning && (reasoningCount < held.Length || _isReasoningClosed))
        {
            _state = State.Content;
        }

        _isReasoningClosed = false;
        foreach (ResponsePiece piece in held.AsSpan(reasoningCount))
        {
            Append(piece, output);
        }
    }

    private void AppendContent(ResponsePiece piece, List<AIContent> output)
    {
        bool isAfterCall = _callsInBlock > 0 && !_content.IsInText;
        bool isLeading = variant != Qwen3Variant.Instruct && !_content.IsInText;
        switch (piece.Tag)
        {
            case ResponseTag.ToolCallStart:
                StartBlock();
                break;
            case ResponseTag.ThinkStart when isLeading:
                _state = State.Reasoning;
                _content.Discard();
                _reasoning.Interrupt();
                break;
            case ResponseTag.ThinkEnd when isLeading || isAfterCall:
            case ResponseTag.ToolCallEnd when isAfterCall || (_openText is not null && _isOpenAfterCalls):
                // The block is closed already.
                _openText = null;
                break;
            case ResponseTag.ToolCallEnd when _openText is not null:
                AddContent(piece.Text, output);
                output.Add(Malformed(_openText.Append(piece.Text).ToString()));
                _openText = null;
                break;
            default:
                _openText?.Append(piece.Text);
                AddContent(piece.Text, output);
                break;
        }
    }

    private void StartBlock()
    {
        _state = State.Call;
        _block.Clear().Append(ResponseTag.ToolCallStart.Text());
        _blockTags.Clear();
        _object.Clear();
        _callsInBlock = 0;
        _isBroken = false;
        _fenceMarks = 0;
        _openText = null;
    }

    private void AppendCall(ResponsePiece piece, List<AIContent> output)
    {
        if (piece.Tag is not { } tag || _object.IsInString)
        {
            if (piece.Tag is { } quoted)
            {
                _blockTags.Add((_block.Length, quoted));
            }

            AppendCallText(piece.Text, output);
            return;
        }

        switch (tag)
        {
            case ResponseTag.ToolCallEnd when _isBroken:
                _block.Append(piece.Text);
                EndBlock(output);
                break;
            case ResponseTag.ToolCallEnd when _object.IsStarted:
                if (!TryAddClosed(output))
                {
                    _block.Append(piece.Text);
                }

                EndBlock(output);
                break;
            case ResponseTag.ToolCallEnd:
                if (_callsInBlock == 0)
                {
                    _block.Append(piece.Text);
                }

                EndBlock(output);
                break;
            case ResponseTag.ToolCallStart:
                if (_callsInBlock > 0 || _object.IsStarted || _isBroken)
                {
                    TryAddClosed(output);
                    EndBlock(output);
                }

                StartBlock();
                break;
            case ResponseTag.ThinkEnd when _callsInBlock > 0 && !_object.IsStarted && !_isBroken:
                break;
            default:
                AppendCallText(piece.Text, output);
                break;
        }
    }

    private void AppendCallText(ReadOnlySpan<char> text, List<AIContent> output)
    {
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (_object.IsStarted || (c == '{' && !_isBroken))
            {
                _block.Append(c);
                if (_object.Append(c) && !TryAddCall(mends ? _object.WithoutDoubledBraces() : _object.Text, output))
                {
                    _isBroken = true;
                    _object.Clear();
                }
            }
            else if (_isBroken || char.IsWhiteSpace(c) || c == '`' || IsAroundObjects(c))
            {
                // White space, a fence or remains around the objects, which are dropped if the block has calls.
                _fenceMarks += c == '`' ? 1 : 0;
                _block.Append(c);
            }
            else
            {
                // No call begins like this. After a call it is text: the model forgot the closing tag.
                _state = State.Content;
                string rest = text[i..].ToString();
                _isOpenAfterCalls = _callsInBlock > 0;
                _openText = new(_isOpenAfterCalls ? rest : _block.Append(rest).ToString());
                AddContent(_openText.ToString(), output);
                return;
            }
        }
    }

    /// <summary>Returns whether a character may come before the first object, or between or after objects.</summary>
    private bool IsAroundObjects(char c) =>
        _callsInBlock > 0 ? c is '}' or ']' or ',' : c == '[' || (_fenceMarks >= 3 && char.IsLetter(c));

    private bool TryAddClosed(List<AIContent> output) =>
        mends && _object.IsStarted && TryAddCall(_object.Closed(), output);

    private bool TryAddCall(string json, List<AIContent> output)
    {
        if (!ToolCallJson.TryRead(json, mends, out FunctionCallContent? call))
        {
            return false;
        }

        output.Add(call);
        _content.Interrupt();
        _callsInBlock++;
        _block.Clear();
        _blockTags.Clear();
        _object.Clear();
        return true;
    }

    /// <summary>Ends the block. A part that could not be parsed is text, followed by an error.</summary>
    private void EndBlock(List<AIContent> output)
    {
        _state = State.Content;
        bool isRead = _callsInBlock > 0 && !_isBroken && !_object.IsStarted;
        if (isRead)
        {
            return;
        }

        string raw = _block.ToString();
        AddContent(raw, output);
        output.Add(Malformed(raw));
    }

    /// <summary>Creates the content that follows the text of a call that could not be parsed.</summary>
    public static ErrorContent Malformed(string raw) =>
        new("The model wrote a function call that cannot be parsed. Its text is part of the answer.")
    {
        ErrorCode = Qwen3OptionNames.MalformedToolCall,
        Details = raw,
    };

    /// <summary>Ends a block at the end of the output.</summary>
    private void CompleteCall(List<AIContent> output)
    {
        // A closing tag inside an unterminated string closes the block, and the rest is parsed. Text that only spells a
        // tag stays text: it may be a quotation.
        string raw = _block.ToString();
        (int Start, ResponseTag Tag)[] tags = _object.IsInString
            ? [.. _blockTags.SkipWhile(tag => tag.Tag != ResponseTag.ToolCallEnd)]
            : [];
        int end = tags is [var first, ..] ? first.Start + first.Tag.Text().Length : raw.Length;
        _block.Length = end;
        EndBlock(output);
        foreach ((int start, ResponseTag tag) in tags.Skip(1))
        {
            AppendRest(raw[end..start], output);
            Append(new(tag), output);
            end = start + tag.Text().Length;
        }

        AppendRest(raw[end..], output);
    }

    private void AppendRest(string text, List<AIContent> output)
    {
        if (text.Length > 0)
        {
            Append(new ResponsePiece(text), output);
        }
    }

    private void AddReasoning(ReadOnlySpan<char> text, List<AIContent> output)
    {
        if (_reasoning.Append(text) is { Length: > 0 } certain)
        {
            output.Add(new TextReasoningContent(certain));
        }
    }

    private void AddContent(ReadOnlySpan<char> text, List<AIContent> output)
    {
        if (_content.Append(text) is { Length: > 0 } certain)
        {
            output.Add(new TextContent(certain));
        }
    }
}
