namespace Qwen3.Chat.Constraints;

/// <summary>Where an answer's thinking begins.</summary>
internal enum ThinkingStart
{
    /// <summary>Nowhere: the model does not think.</summary>
    Nowhere,

    /// <summary>In the prompt: the answer begins in the middle of it.</summary>
    InPrompt,

    /// <summary>In the answer, with a tag, or not at all, as the model likes.</summary>
    InAnswer,
}
