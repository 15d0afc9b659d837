namespace Qwen3.Chat.Constraints;

/// <summary>A schema taken apart.</summary>
/// <param name="Alternatives">The choices: lists of schemas whose own keywords must all hold. None where nothing satisfies the schema.</param>
/// <param name="Refusal">Why a choice fell out, the first time.</param>
internal sealed record FlatSchema(List<List<SchemaLocation>> Alternatives, Refusal? Refusal);
