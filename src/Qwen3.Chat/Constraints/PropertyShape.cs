namespace Qwen3.Chat.Constraints;

/// <summary>A property of an object.</summary>
internal sealed record PropertyShape(string Name, SchemaNode Node, bool IsRequired);
