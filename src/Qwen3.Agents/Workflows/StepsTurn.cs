using System.Text.Json.Serialization;

namespace Qwen3.Agents;

/// <summary>Have the steps carried out.</summary>
internal sealed record StepsTurn(RunState State) : IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized() => CheckpointCheck.Require(State is not null, "The work is missing.");
}
