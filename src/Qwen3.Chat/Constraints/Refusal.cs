namespace Qwen3.Chat.Constraints;

/// <summary>Why no JSON satisfies a schema.</summary>
/// <param name="Pointer">The place in the schema.</param>
/// <param name="Reason">What is the matter there.</param>
internal sealed record Refusal(string Pointer, string Reason);
