using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;

namespace Qwen3.SemanticKernel.Settings;

/// <summary><c>none</c>, <c>summary</c> and <c>full</c>, in any case, and no numbers.</summary>
internal sealed class ReasoningOutputConverter()
    : JsonStringEnumConverter<ReasoningOutput>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false);
