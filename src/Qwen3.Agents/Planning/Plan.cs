using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>What it takes to reach a goal: steps, and which of them need the results of which others.</summary>
/// <param name="Goal">What the steps are for, in the words of the user.</param>
/// <param name="Steps">The steps. Those that do not need each other's results can be carried out at the same time.</param>
/// <remarks>A plan cannot be changed; make another one with <c>with</c>.</remarks>
public sealed record Plan(string Goal, ImmutableArray<PlanStep> Steps)
{
    /// <summary>Gets the form that a planner's answer is held to: <c>{"steps": [{"id": 1, "task": "…", "dependsOn": []}, …]}</c>.</summary>
    public static ChatResponseFormat ResponseFormat { get; } = ChatResponseFormat.ForJsonSchema(
        JsonElement.Parse(
            """
            {
              "type": "object",
              "properties": {
                "steps": {
                  "type": "array",
                  "minItems": 1,
                  "items": {
                    "type": "object",
                    "properties": {
                      "id": {"type": "integer"},
                      "task": {"type": "string", "minLength": 1},
                      "dependsOn": {"type": "array", "items": {"type": "integer"}}
                    },
                    "required": ["id", "task", "dependsOn"]
                  }
                }
              },
              "required": ["steps"]
            }
            """),
        "plan");

    /// <summary>Gets the steps. Those that do not need each other's results can be carried out at the same time.</summary>
    public ImmutableArray<PlanStep> Steps { get; init; } = Steps.IsDefault ? [] : Steps;

    /// <summary>Reads a plan from the JSON that a planner answers with.</summary>
    /// <param name="json">The JSON: <c>{"steps": […]}</c>.</param>
    /// <param name="goal">What the plan is for.</param>
    /// <returns>The plan, which may still be one that cannot be carried out: <see cref="Check"/> tells.</returns>
    /// <exception cref="PlanException">It is no JSON, or not of that form.</exception>
    public static Plan Parse(string json, string goal)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(goal);
        try
        {
            return JsonSerializer.Deserialize(json, AgentsJson.Default.PlanText) is { Steps.IsDefault: false } plan
                && plan.Steps.All(step => step is { Task: not null })
                ? new(goal, plan.Steps)
                : throw new PlanException(["The text has no steps with tasks."], json);
        }
        catch (JsonException e)
        {
            throw new PlanException([$"The text is no plan in JSON: {e.Message}"], json, e);
        }
    }

    /// <summary>Tells why the plan cannot be carried out.</summary>
    /// <param name="maxSteps">How many steps it may have.</param>
    /// <returns>What is wrong, each in a sentence that a model can act on; nothing if the plan can be carried out.</returns>
    public IReadOnlyList<string> Check(int maxSteps = int.MaxValue) => [.. PlanChecks.Of(this, maxSteps)];

    /// <summary>Writes the steps as the planner does, <c>{"steps": […]}</c>, in one line.</summary>
    /// <returns>The JSON.</returns>
    public string ToJson() => $$"""{"steps": [{{string.Join(", ", Steps.Select(Json))}}]}""";

    /// <inheritdoc/>
    public override string ToString() => $"{Goal} {ToJson()}";

    private static string Json(PlanStep step)
    {
        string task = JsonSerializer.Serialize(step.Task, AgentsJson.Readable.String);
        return $$"""{"id": {{step.Id}}, "task": {{task}}, "dependsOn": [{{string.Join(", ", step.DependsOn)}}]}""";
    }
}
