using Microsoft.Extensions.AI;

namespace Qwen3.Chat.Responses;

/// <summary>Reads the answers of one stream of updates. They are told apart as <c>ToChatResponse</c> does: by the ids of their messages.</summary>
internal sealed class UpdateReader(Func<ContentResponseReader> createReader)
{
    private readonly List<StreamedAnswer> _answers = [];
    private StreamedAnswer? _current;

    public IEnumerable<ChatResponseUpdate> Read(ChatResponseUpdate update)
    {
        if (update.Role is { } role && role != ChatRole.Assistant)
        {
            // The results of calls, for example, after which the next answer begins.
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
        read.FinishReason = ContentResponseReader.Mend(update.FinishReason, _answers.Exists(answer => answer.Reader.HasReadCalls));
        return [read];
    }

    /// <summary>Ends the answers and hands out what was withheld.</summary>
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

/// <summary>An answer of which updates still come.</summary>
internal sealed class StreamedAnswer(ContentResponseReader reader)
{
    public ContentResponseReader Reader => reader;

    /// <summary>The id of its message, as soon as an update has one.</summary>
    public string? MessageId { get; set; }

    /// <summary>The latest of its updates, whose ids hold for what is handed out later.</summary>
    public required ChatResponseUpdate Latest { get; set; }
}
