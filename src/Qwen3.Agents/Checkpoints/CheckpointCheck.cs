using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>Checks what a checkpoint holds before a run is resumed from it.</summary>
/// <remarks>
/// Agent Framework passes over a state that it cannot read, and a run would begin with an empty one and end without a
/// result. The classes that a checkpoint holds check their own values when they are deserialized.
/// </remarks>
internal static class CheckpointCheck
{
    private static readonly Dictionary<string, JsonTypeInfo> s_types = new Type[]
    {
        typeof(PlanProgress), typeof(StepsProgress), typeof(StepsTurn), typeof(PlanTurn), typeof(AnswerTurn), typeof(TurnEnd),
        typeof(ReplayResult), typeof(Continue), typeof(PlanReview), typeof(PlanDecision),
        typeof(ToolApprovalRequestContent), typeof(ToolApprovalResponseContent),
    }.ToDictionary(type => type.FullName!, WorkflowCheckpoints.JsonOptions.GetTypeInfo);

    /// <summary>Returns why the JSON is not a checkpoint; <see langword="null"/> if it is one.</summary>
    public static string? FindWrongForm(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            return $"It is {json.ValueKind} in JSON, not an object.";
        }

        return ((string[])["workflow", "runnerData", "stateData", "edgeStateData"])
            .FirstOrDefault(name => Get(json, name).ValueKind != JsonValueKind.Object) is { } missing
            ? $"It has no object \"{missing}\"."
            : null;
    }

    /// <summary>Returns what of the work in a checkpoint cannot be used; <see langword="null"/> if all can.</summary>
    public static string? FindDamage(JsonElement checkpoint)
    {
        JsonElement state = Get(checkpoint, "stateData"), runner = Get(checkpoint, "runnerData");
        try
        {
            Dictionary<string, object?> states =
                state.EnumerateObject().DistinctBy(own => own.Name).ToDictionary(own => own.Name, own => Read(own.Value));
            List<object?> queued = [.. Values(Get(runner, "queuedMessages"))
                .SelectMany(Values).Select(envelope => ReadMessage(envelope, Get(Get(checkpoint, "workflow"), "executors")))];
            List<JsonElement> requests = [.. Values(Get(runner, "outstandingRequests"))];
            // Only of a workflow of this library; others have checkpoints too, and this one can be a part of them.
            if (TypeName(Get(Get(Get(checkpoint, "workflow"), "executors"), ExecutorIds.Plan), "executorType")
                != typeof(PlanExecutor).FullName)
            {
                return null;
            }

            JsonElement[] ports = [.. Values(Get(Get(checkpoint, "workflow"), "requestPorts"))];
            List<object?> asked = [];
            foreach (JsonElement request in requests)
            {
                asked.Add(Read(Get(request, "data")));
                Stored.Require(
                    ports.Any(port => JsonElement.DeepEquals(port, Get(request, "portInfo")))
                        && Get(request, "requestId").ValueKind == JsonValueKind.String
                        && asked[^1] 
                            is PlanReview { Plan: not null } or ToolApprovalRequestContent { ToolCall: FunctionCallContent },
                    "A request to a person cannot be read.");
            }

            HashSet<string?> executors = [.. Values(Get(runner, "instantiatedExecutors"))
                .Select(id => id.ValueKind == JsonValueKind.String ? id.GetString() : null)];
            return FindIdle(
                Find<PlanProgress>(ExecutorIds.Plan), Find<StepsProgress>(ExecutorIds.Steps), queued, asked);

            T? Find<T>(string executor)
                where T : class => executors.Contains(executor) ? states.GetValueOrDefault($"{executor}||{executor}") as T : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NotSupportedException or FormatException)
        {
            return e.Message;
        }
    }

    /// <summary>Returns why nothing would go on with the work, so that the run would end without a result.</summary>
    private static string? FindIdle(PlanProgress? plan, StepsProgress? steps, List<object?> queued, List<object?> asked)
    {
        // Messages of other types, such as a person's answer or a goal, are read by Agent Framework.
        bool isAsking = asked.Count > 0;
        HashSet<string> pending = [.. asked.Concat(queued).OfType<InputRequestContent>().Select(request => request.RequestId)];
        pending.UnionWith(queued.OfType<InputResponseContent>().Select(response => response.RequestId));
        bool hasOther = queued.Exists(message => message is null or ToolApprovalRequestContent or ToolApprovalResponseContent);
        bool isGoingOn = queued.Exists(message => message is StepsTurn or PlanTurn or AnswerTurn or TurnEnd);
        return plan is null ? $"It has no {nameof(PlanProgress)}."
            : plan.InReview is not null
                ? isAsking || hasOther || queued.Exists(message => message is PlanReview or PlanDecision)
                    ? null : "The plan is to be reviewed, and nobody is asked."
            : plan.Goal is null
                ? isGoingOn || steps?.State is not null ? "There is work for no goal."
                    : plan.Last is null && plan.Incoming.IsEmpty && !hasOther ? "There is no work." : null
            : isGoingOn ? null
            : steps?.State is not { } run ? "The goal is not reached, and no step is known."
            : steps.IsContinuing != queued.Exists(message => message is Continue) ? "Nothing goes on with the steps."
            : run.Goal != plan.Goal ? "The steps are for another goal than the plan."
            : run.Steps.Any(step => step.Status == StepStatus.AwaitingApproval && step.Turns is not [.., { Requests.IsEmpty: false }])
                || (!queued.Contains(null) && run.Steps.Any(step =>
                    step.Status == StepStatus.AwaitingApproval && !pending.IsSupersetOf(step.Turns[^1].Requests.Keys))) ? "A call is to be approved, and nobody is asked."
            : null;
    }

    private static object? ReadMessage(JsonElement envelope, JsonElement executors)
    {
        JsonElement message = Get(envelope, "message"), type = Get(message, "typeId");
        object? value = Read(message);
        Stored.Require(
            // A message from outside has no source.
            (Get(Get(envelope, "source"), "id") is not { ValueKind: JsonValueKind.String } source
                    || Get(executors, source.GetString()!).ValueKind == JsonValueKind.Object)
                && Get(message, "value").ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null)
                && TypeName(envelope, "messageType") is not null
                && (value is null || JsonElement.DeepEquals(Get(envelope, "messageType"), type)),
            "A message between the executors cannot be read.");
        return value;
    }

    /// <summary>Deserializes a value, if it is of a type of this library.</summary>
    private static object? Read(JsonElement stored)
    {
        if (TypeName(stored, "typeId") is not { } name || !s_types.TryGetValue(name, out JsonTypeInfo? type))
        {
            return null;
        }

        object? value = Get(stored, "value").Deserialize(type);
        Stored.Require(value is not null, $"A {type.Type.Name} is null.");
        return value;
    }

    private static string? TypeName(JsonElement owner, string property) =>
        Get(Get(owner, property), "typeName") is { ValueKind: JsonValueKind.String } name ? name.GetString() : null;

    private static JsonElement Get(JsonElement owner, string property) =>
        owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(property, out JsonElement value) ? value : default;

    private static IEnumerable<JsonElement> Values(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => element.EnumerateArray(),
        JsonValueKind.Object => element.EnumerateObject().Select(property => property.Value),
        _ => [],
    };
}
