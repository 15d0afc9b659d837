using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Qwen3.Agents;

/// <summary>Have the steps carried out.</summary>
internal sealed record StepsTurn(RunState State) : IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized() => Stored.Require(State is not null, "The work is missing.");
}

/// <summary>Have a plan made for what is left, since a step has failed.</summary>
internal sealed record PlanTurn(RunState State) : IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized() => Stored.Require(State is not null, "The work is missing.");
}

/// <summary>Have the answer written, or why there is none.</summary>
internal sealed record AnswerTurn(RunState State) : IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized() => Stored.Require(State is not null, "The work is missing.");
}

/// <summary>The work for a goal has ended.</summary>
/// <param name="State">The work.</param>
/// <param name="Answer">The answer.</param>
internal sealed record TurnEnd(RunState State, string Answer) : IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized() =>
        Stored.Require(State is not null && Answer is not null, "The answer is missing.");
}

/// <summary>Emits, in a resumed run, the state of work that waits for a person or has ended.</summary>
/// <param name="State">The work.</param>
/// <param name="Answer">What was answered, if it has ended.</param>
/// <param name="Halts">Whether the run is to end then, although a person is still being asked.</param>
internal sealed record ReplayResult(RunState State, string? Answer, bool Halts) : IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized() => Stored.Require(State is not null, "The work is missing.");
}

/// <summary>Ends a superstep, so that a checkpoint is written before the steps continue.</summary>
internal sealed record Continue;

/// <summary>Checks what a checkpoint holds when it is deserialized.</summary>
internal static class Stored
{
    /// <summary>Throws if a value that was deserialized cannot be used.</summary>
    /// <exception cref="JsonException">The condition is not met.</exception>
    public static void Require([DoesNotReturnIf(false)] bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new JsonException(otherwise);
        }
    }
}
