using System.Text.Json.Serialization;

namespace Qwen3.Agents;

/// <summary>The work for a goal has ended.</summary>
/// <param name="State">The work.</param>
/// <param name="Answer">The answer.</param>
internal sealed record TurnEnd(RunState State, string Answer) : IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized() =>
        CheckpointCheck.Require(State is not null && Answer is not null, "The answer is missing.");
}
