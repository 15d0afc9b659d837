using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;

namespace Qwen3.SemanticKernel.Settings;

/// <summary>
/// Reads and writes efforts by OpenAI's names, as prompt files have them; the names of the enumeration are read, too.
/// </summary>
internal sealed class ReasoningEffortConverter : JsonConverter<ReasoningEffort>
{
    public override ReasoningEffort Read(
        ref Utf8JsonReader reader,
        Type typeToConvert,
        JsonSerializerOptions options
    ) => Parse(reader.TokenType == JsonTokenType.String ? reader.GetString() : null) ?? throw new JsonException();

    /// <summary>The effort of a name, or <see langword="null"/>.</summary>
    public static ReasoningEffort? Parse(string? name) => name?.ToUpperInvariant() switch
    {
        "NONE" => ReasoningEffort.None,
        "MINIMAL" or "LOW" => ReasoningEffort.Low,
        "MEDIUM" => ReasoningEffort.Medium,
        "HIGH" => ReasoningEffort.High,
        "XHIGH" or "EXTRAHIGH" => ReasoningEffort.ExtraHigh,
        _ => null,
    };

    public override void Write(Utf8JsonWriter writer, ReasoningEffort value, JsonSerializerOptions options) =>
        writer.WriteStringValue(
            value switch
            {
                ReasoningEffort.None => "none",
                ReasoningEffort.Low => "low",
                ReasoningEffort.Medium => "medium",
                ReasoningEffort.High => "high",
                ReasoningEffort.ExtraHigh => "xhigh",
                _ => throw new JsonException($"{value} is not a {nameof(ReasoningEffort)}."),
            }
        );
}
