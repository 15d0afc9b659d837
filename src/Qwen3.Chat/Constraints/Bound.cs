namespace Qwen3.Chat.Constraints;

/// <summary>The smallest or the largest number allowed, or the first one that is not.</summary>
internal readonly record struct Bound(decimal Value, bool IsExclusive);
