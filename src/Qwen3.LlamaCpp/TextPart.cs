namespace Qwen3.LlamaCpp;

/// <summary>A piece of a text that is tokenized together with its neighbours, and what becomes of special tokens spelled in it.</summary>
/// <param name="Text">The piece.</param>
/// <param name="SpecialTokens">Which special tokens become their ids where the piece holds one whole.</param>
public readonly record struct TextPart(string Text, SpecialTokens SpecialTokens);
