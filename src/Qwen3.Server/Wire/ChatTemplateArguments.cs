using System.Text.Json.Serialization;

namespace Qwen3.Server.Wire;

/// <summary>What vLLM, SGLang and llama-server hand to the model's template.</summary>
internal sealed class ChatTemplateArguments
{
    [JsonPropertyName("enable_thinking")]
    public bool? EnableThinking { get; init; }

    [JsonPropertyName("thinking_budget")]
    public int? ThinkingBudget { get; init; }
}
