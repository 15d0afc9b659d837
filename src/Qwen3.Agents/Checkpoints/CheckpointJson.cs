using System.Text.Json;
using System.Text.Json.Serialization;

namespace Qwen3.Agents;

/// <summary>The JSON of what checkpoints hold.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PlanReview))]
[JsonSerializable(typeof(PlanDecision))]
[JsonSerializable(typeof(Qwen3WorkflowResult))]
[JsonSerializable(typeof(PlanProgress))]
[JsonSerializable(typeof(StepsProgress))]
[JsonSerializable(typeof(StepsTurn))]
[JsonSerializable(typeof(PlanTurn))]
[JsonSerializable(typeof(AnswerTurn))]
[JsonSerializable(typeof(TurnEnd))]
[JsonSerializable(typeof(ReplayResult))]
[JsonSerializable(typeof(Continue))]
[JsonSerializable(typeof(CheckpointIndexEntry))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class CheckpointJson : JsonSerializerContext;
