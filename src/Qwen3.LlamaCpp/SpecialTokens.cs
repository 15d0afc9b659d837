namespace Qwen3.LlamaCpp;

/// <summary>What becomes of special tokens that are spelled in a text.</summary>
/// <remarks>
/// A vocabulary has two kinds beside ordinary tokens: control tokens, which frame a conversation (<c>&lt;|im_start|&gt;</c>), and
/// user-defined tokens, which mark parts of a text (<c>&lt;think&gt;</c>, <c>&lt;tool_call&gt;</c>).
/// </remarks>
public enum SpecialTokens
{
    /// <summary>
    /// All of them stay text, made of ordinary tokens. For what comes from outside: a person, a tool, a document can then write
    /// anything without forging a turn or a tool result.
    /// </summary>
    None,

    /// <summary>User-defined tokens become their ids, control tokens stay text. For what the application's author or the model wrote.</summary>
    UserDefined,

    /// <summary>All of them become their ids, as in the model's reference tokenizer. Only for a whole prompt that is trusted.</summary>
    All,
}
