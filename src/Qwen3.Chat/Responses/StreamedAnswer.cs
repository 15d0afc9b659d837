using Microsoft.Extensions.AI;

namespace Qwen3.Chat.Responses;

/// <summary>An answer of which updates still come.</summary>
internal sealed class StreamedAnswer(ContentResponseReader reader)
{
    public ContentResponseReader Reader => reader;

    /// <summary>The id of its message, as soon as an update has one.</summary>
    public string? MessageId { get; set; }

    /// <summary>The latest of its updates, whose ids hold for what is handed out later.</summary>
    public required ChatResponseUpdate Latest { get; set; }
}
