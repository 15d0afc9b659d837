namespace Qwen3.Chat.Responses;

/// <summary>The tags that divide an answer into its parts; each is one token of the model's vocabulary.</summary>
internal enum ResponseTag
{
    ThinkStart,
    ThinkEnd,
    ToolCallStart,
    ToolCallEnd,
}
