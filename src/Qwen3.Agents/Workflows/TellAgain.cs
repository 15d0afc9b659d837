using System.Text.Json.Serialization;

namespace Qwen3.Agents;

/// <summary>Tell, in a run that was resumed, how far the work is that waits for a person or has ended.</summary>
/// <param name="State">The work.</param>
/// <param name="Answer">What was answered, if it has ended.</param>
/// <param name="Halts">Whether the run is to end then, although a person is still being asked.</param>
internal sealed record TellAgain(RunState State, string? Answer, bool Halts) : IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized() => CheckpointCheck.Require(State is not null, "The work is missing.");
}
