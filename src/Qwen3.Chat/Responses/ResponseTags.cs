namespace Qwen3.Chat.Responses;

internal static class ResponseTags
{
    public static readonly ResponseTag[] All = [ResponseTag.ThinkStart, ResponseTag.ThinkEnd, ResponseTag.ToolCallStart, ResponseTag.ToolCallEnd];

    public static string Text(this ResponseTag tag) => tag switch
    {
        ResponseTag.ThinkStart => "<think>",
        ResponseTag.ThinkEnd => "</think>",
        ResponseTag.ToolCallStart => "<tool_call>",
        ResponseTag.ToolCallEnd => "</tool_call>",
        _ => throw new ArgumentOutOfRangeException(nameof(tag), tag, null),
    };
}
