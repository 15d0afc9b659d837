namespace Qwen3.Chat.Format;

/// <summary>The special tokens and fixed texts of the Qwen3 chat template.</summary>
internal static class ChatFormat
{
    // Control tokens, which frame the turns.
    public const string TurnStart = "<|im_start|>";
    public const string TurnEnd = "<|im_end|>";
    public const string EndOfText = "<|endoftext|>";

    // User-defined tokens: the tags around the parts of a turn.
    public const string ThinkStart = "<think>";
    public const string ThinkEnd = "</think>";
    public const string ToolCallStart = "<tool_call>";
    public const string ToolCallEnd = "</tool_call>";
    public const string ToolResponseStart = "<tool_response>";
    public const string ToolResponseEnd = "</tool_response>";

    // The JSON of a tool call: the name follows the first, the arguments follow the second.
    public const string CallNamePrefix = "{\"name\": \"";
    public const string CallArgumentsPrefix = "\", \"arguments\": ";
    public const string CallSuffix = "}";

    // The sentence of the Qwen3 technical report (arXiv:2505.09388), which the models were trained on.
    public const string BudgetClosing =
        "\n\nConsidering the limited time by the user, I have to give the solution based on the thinking directly " +
        "now.\n";

    /// <summary>Gets the tokens that end an answer.</summary>
    public static IReadOnlyList<string> StopTokens { get; } = [TurnEnd, EndOfText];
}
