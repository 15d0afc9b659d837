using System.Text.Json.Serialization;

namespace Qwen3.Agents;

/// <summary>Have the answer written, or why there is none.</summary>
internal sealed record AnswerTurn(RunState State) : IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized() => CheckpointCheck.Require(State is not null, "The work is missing.");
}
