using System.Text;
using Microsoft.Extensions.AI;

namespace Qwen3.Chat.Responses;

/// <summary>
/// The state machine that tells reasoning, text and calls apart. It is fed tags and text as they come, and adds
/// contents to a list as soon as they are certain; what was withheld comes at the end. Nothing but newlines around the
/// parts and the tags is lost.
/// </summary>
/// <param name="variant">The variant that writes the output.</param>
/// <param name="toolNames">The functions on offer, if known: only their calls count inside the reasoning.</param>
/// <param name="mends">Whether calls that are not quite right will do.</param>
/// <param name="endsThinkingAtTag">
/// Whether the closing tag ends the reasoning wherever it stands, also in a string of a call there.
/// </param>
internal sealed class ResponseParser(
    Qwen3Variant variant, IReadOnlySet<string>? toolNames, bool mends = true, bool endsThinkingAtTag = false)
{
    private readonly TextRun _reasoning = new();
    private readonly TextRun _content = new();

    // From the tag of a call inside the reasoning on: whether it is a call or a thought about one shows later.
    private readonly List<ResponsePiece> _held = [];
    private ResponseParser? _probe;
    private bool _isReasoningClosed;

    // The block of a call: its raw text since the last call that was read, and the object at its end.
    private readonly StringBuilder _block = new();
    // Tags inside the block's strings, by where they begin. What only spells a tag is not among them.
    private readonly List<(int Start, ResponseTag Tag)> _blockTags = [];
    private readonly JsonObjectScanner _object = new();
    private int _callsInBlock;
    private bool _isBroken;
    private int _fenceMarks;

    // A block that went on as text, and whose closing tag may still come.
    private StringBuilder? _openText;
    private bool _isOpenAfterCalls;

    private State _state = variant == Qwen3Variant.Thinking ? State.Reasoning : State.Content;

    private enum State
    {
        Reasoning,
        Content,
        Call,
    }

    /// <summary>Whether what comes next belongs to the reasoning, as far as is known.</summary>
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

    /// <summary>Ends the output and hands out what was withheld.</summary>
    public void Complete(List<AIContent> output)
    {
        // What is released is read on, and may end inside a call again.
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
                // The prompt, or the model, opened it before.
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
                // An answer follows, so that the call before it was thought and not meant.
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
    /// Whether the held text is a call of an offered function; <see langword="null"/> while that is open.
    /// </summary>
    private bool? Probe(ResponsePiece piece)
    {
        List<AIContent> found = [];
        _probe!.Append(piece, found);
        return found.Count == 0 ? null : IsOfferedCall(found[0]);
    }

    /// <summary>Where in the held pieces, now that no more come, the calls begin that end the reasoning.</summary>
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

        // The first call was never completed: its string swallowed what ends the reasoning, or a call that is complete.
        int end = _held.FindIndex(piece => piece.Tag == ResponseTag.ThinkEnd);
        int last = _held.FindLastIndex(piece => piece.Tag == ResponseTag.ToolCallStart);
        return end < 0 && last > 0 && Read(_held[last..]) is { Count: > 0 } contents && IsOfferedCall(contents[0])
            ? last
            : _held.Count;
    }

    /// <summary>
    /// Where in the held pieces the calls begin after which nothing else comes; the end if there are none.
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

    /// <summary>Gives the first of the held pieces to the reasoning and reads the rest as content.</summary>
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
                // Closed already.
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
                // White space, a fence, or what is left over around the objects: no loss if the block turns out to be
                // calls.
                _fenceMarks += c == '`' ? 1 : 0;
                _block.Append(c);
            }
            else
            {
                // No call begins like this, and after one it is text again: the closing tag was forgotten.
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

    /// <summary>Leaves the block; what could not be read of it is text, and marked.</summary>
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

    /// <summary>Says behind the text of a call that it could not be read.</summary>
    public static ErrorContent Malformed(string raw) =>
        new("The model wrote a function call that cannot be parsed. Its text is part of the answer.")
    {
        ErrorCode = Qwen3OptionNames.MalformedToolCall,
        Details = raw,
    };

    /// <summary>The output ends inside a block.</summary>
    private void CompleteCall(List<AIContent> output)
    {
        // A closing tag inside a string that never ended closed the block after all, and what follows it is read on.
        // Text that only spells a tag stays text there: it may be quoted from outside.
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
