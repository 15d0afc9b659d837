using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>The steps to reach a goal, and which of them need the results of others.</summary>
/// <param name="Goal">The goal in the user's words.</param>
/// <param name="Steps">The steps. Steps that do not depend on each other can run at the same time.</param>
/// <remarks>A plan is immutable; create a changed one with <c>with</c>.</remarks>
public sealed record Plan(string Goal, ImmutableArray<PlanStep> Steps)
{
    /// <summary>Gets the response format of a planner: <c>{"steps": [{"id": 1, "task": "…", "dependsOn": []}, …]}</c>.</summary>
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

    /// <summary>Gets the steps. Steps that do not depend on each other can run at the same time.</summary>
    public ImmutableArray<PlanStep> Steps { get; init; } = Steps.IsDefault ? [] : Steps;

    /// <summary>Parses the JSON of a planner's answer.</summary>
    /// <param name="json">The JSON: <c>{"steps": […]}</c>.</param>
    /// <param name="goal">The goal of the plan.</param>
    /// <returns>The plan. It can be invalid; use <see cref="Check"/> to find out.</returns>
    /// <exception cref="PlanException">The text is not JSON, or has no steps.</exception>
    public static Plan Parse(string json, string goal)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(goal);
        try
        {
            return JsonSerializer.Deserialize(json, PlanJson.Default.PlanText) is { Steps.IsDefault: false } plan
                && plan.Steps.All(step => step is { Task: not null })
                ? new(goal, plan.Steps)
                : throw new PlanException(["The text has no steps with tasks."], json);
        }
        catch (JsonException e)
        {
            throw new PlanException([$"The text is no plan in JSON: {e.Message}"], json, e);
        }
    }

    /// <summary>Returns the errors in the plan.</summary>
    /// <param name="maxSteps">The maximum number of steps.</param>
    /// <returns>The errors, each in a sentence that a model can act on; empty if the plan is valid.</returns>
    public IReadOnlyList<string> Check(int maxSteps = int.MaxValue) => [.. PlanChecks.Find(this, maxSteps)];

    /// <summary>Returns the steps in the planner's format, <c>{"steps": […]}</c>, in one line.</summary>
    /// <returns>The JSON.</returns>
    public string ToJson() => $$"""{"steps": [{{string.Join(", ", Steps.Select(Json))}}]}""";

    /// <inheritdoc/>
    public override string ToString() => $"{Goal} {ToJson()}";

    private static string Json(PlanStep step)
    {
        string task = JsonSerializer.Serialize(step.Task, PlanJson.Readable.String);
        return $$"""{"id": {{step.Id}}, "task": {{task}}, "dependsOn": [{{string.Join(", ", step.DependsOn)}}]}""";
    }
}

/// <summary>One step of a <see cref="Plan"/>.</summary>
/// <param name="Id">The number of the step, unique in its plan.</param>
/// <param name="Task">The task, in words that a model understands without the rest of the plan.</param>
/// <param name="DependsOn">The ids of the steps whose results the step needs.</param>
public sealed record PlanStep(int Id, string Task, ImmutableArray<int> DependsOn)
{
    /// <summary>Gets the ids of the steps whose results the step needs.</summary>
    public ImmutableArray<int> DependsOn { get; init; } = DependsOn.IsDefault ? [] : DependsOn;
}

/// <summary>The JSON form of a plan.</summary>
internal sealed record PlanText(ImmutableArray<PlanStep> Steps);

/// <summary>The JSON of plans.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PlanText))]
internal sealed partial class PlanJson : JsonSerializerContext
{
    /// <summary>Gets options that do not escape letters of other scripts, because a model reads the text.</summary>
    public static PlanJson Readable { get; } = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
