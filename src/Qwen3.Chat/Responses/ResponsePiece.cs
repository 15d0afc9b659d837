namespace Qwen3.Chat.Responses;

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
