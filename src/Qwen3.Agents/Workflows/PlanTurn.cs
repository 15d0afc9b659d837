using System.Text.Json.Serialization;

namespace Qwen3.Agents;

/// <summary>Have a plan made for what is left, since a step has failed.</summary>
internal sealed record PlanTurn(RunState State) : IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized() => CheckpointCheck.Require(State is not null, "The work is missing.");
}
