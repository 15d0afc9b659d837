using Microsoft.Extensions.AI;

namespace Qwen3.Chat.Responses;

/// <summary>
/// Parses the answers in a stream of updates. Answers are told apart by message id, as in <c>ToChatResponse</c>.
/// </summary>
internal sealed class UpdateReader(Func<ContentResponseReader> createReader)
{
    private readonly List<StreamedAnswer> _answers = [];
    private StreamedAnswer? _current;

    public IEnumerable<ChatResponseUpdate> Read(ChatResponseUpdate update)
    {
        if (update.Role is { } role && role != ChatRole.Assistant)
        {
            // Tool results, for example. The next answer begins after them.
            List<ChatResponseUpdate> rest = [.. Complete()];
            _answers.Clear();
            _current = null;
            return [.. rest, update];
        }

        _current = Find(update);
        List<AIContent> contents = [];
        _current.Reader.Append(update.Contents, contents);
        if (update.FinishReason is not null)
        {
            _current.Reader.Complete(contents);
        }

        ChatResponseUpdate read = update.Clone();
        read.Contents = contents;
        read.FinishReason =
            ContentResponseReader.Mend(update.FinishReason, _answers.Exists(answer => answer.Reader.HasReadCalls));
        return [read];
    }

    /// <summary>Ends the answers and returns the contents that were withheld.</summary>
    public IEnumerable<ChatResponseUpdate> Complete()
    {
        foreach (StreamedAnswer answer in _answers)
        {
            List<AIContent> contents = [];
            answer.Reader.Complete(contents);
            if (contents.Count > 0)
            {
                ChatResponseUpdate rest = answer.Latest.Clone();
                rest.Contents = contents;
                rest.FinishReason = null;
                rest.RawRepresentation = null;
                rest.AdditionalProperties = null;
                yield return rest;
            }
        }
    }

    private StreamedAnswer Find(ChatResponseUpdate update)
    {
        string? id = string.IsNullOrEmpty(update.MessageId) ? _current?.MessageId : update.MessageId;
        StreamedAnswer? answer = _current is not null && (_current.MessageId is null || _current.MessageId == id)
            ? _current
            : _answers.Find(answer => answer.MessageId == id);
        if (answer is null)
        {
            answer = new(createReader()) { Latest = update };
            _answers.Add(answer);
        }

        answer.MessageId = id;
        answer.Latest = update;
        return answer;
    }
}

/// <summary>An answer that is still streaming.</summary>
internal sealed class StreamedAnswer(ContentResponseReader reader)
{
    public ContentResponseReader Reader => reader;

    /// <summary>Gets or sets the message id, once an update has one.</summary>
    public string? MessageId { get; set; }

    /// <summary>Gets or sets the latest update, whose ids apply to withheld contents.</summary>
    public required ChatResponseUpdate Latest { get; set; }
}
