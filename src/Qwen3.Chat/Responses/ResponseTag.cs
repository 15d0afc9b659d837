using Qwen3.Chat.Format;

namespace Qwen3.Chat.Responses;

/// <summary>The tags that divide an answer into its parts. Each is one token of the model's vocabulary.</summary>
internal enum ResponseTag
{
    ThinkStart,
    ThinkEnd,
    ToolCallStart,
    ToolCallEnd,
}

internal static class ResponseTags
{
    public static readonly ResponseTag[] All = Enum.GetValues<ResponseTag>();

    /// <summary>Returns the spelling of a tag.</summary>
    public static string Text(this ResponseTag tag) => tag switch
    {
        ResponseTag.ThinkStart => ChatFormat.ThinkStart,
        ResponseTag.ThinkEnd => ChatFormat.ThinkEnd,
        ResponseTag.ToolCallStart => ChatFormat.ToolCallStart,
        ResponseTag.ToolCallEnd => ChatFormat.ToolCallEnd,
        _ => throw new ArgumentOutOfRangeException(nameof(tag), tag, null),
    };
}

/// <summary>A tag or a piece of text of a model's output.</summary>
internal readonly record struct ResponsePiece(ResponseTag? Tag, string Text)
{
    public ResponsePiece(ResponseTag tag)
        : this(tag, tag.Text())
    {
    }

    public ResponsePiece(string text)
        : this(null, text)
    {
    }

    public bool IsWhiteSpace => Tag is null && string.IsNullOrWhiteSpace(Text);
}
