using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Qwen3.Agents;

/// <summary>The JSON of plans and of what checkpoints hold.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PlanText))]
[JsonSerializable(typeof(PlanReview))]
[JsonSerializable(typeof(PlanDecision))]
[JsonSerializable(typeof(Qwen3WorkflowResult))]
[JsonSerializable(typeof(PlanProgress))]
[JsonSerializable(typeof(StepsProgress))]
[JsonSerializable(typeof(StepsTurn))]
[JsonSerializable(typeof(PlanTurn))]
[JsonSerializable(typeof(AnswerTurn))]
[JsonSerializable(typeof(TurnEnd))]
[JsonSerializable(typeof(TellAgain))]
[JsonSerializable(typeof(Continue))]
[JsonSerializable(typeof(CheckpointIndexEntry))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class AgentsJson : JsonSerializerContext
{
    /// <summary>Leaves letters of other scripts as they are, for a model reads them.</summary>
    public static AgentsJson Readable { get; } = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
