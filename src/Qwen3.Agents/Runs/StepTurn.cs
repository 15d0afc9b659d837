using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>One answer of the model in a step, and the results of its calls so far.</summary>
internal sealed record StepTurn(ChatMessage Message) : IJsonOnDeserialized
{
    /// <summary>By the calls' ids.</summary>
    public ImmutableDictionary<string, CallResult> Results { get; init; } = ImmutableDictionary<string, CallResult>.Empty;

    /// <summary>Gets the pending approval requests: the id of each call by the id of its request.</summary>
    /// <remarks>Each request has a new id, so that a response to an earlier request decides nothing.</remarks>
    public ImmutableDictionary<string, string> Requests { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>What a person decided, by the calls' ids.</summary>
    public ImmutableDictionary<string, ApprovalDecision> Decisions { get; init; } =
        ImmutableDictionary<string, ApprovalDecision>.Empty;

    /// <summary>Returns the calls that are to be executed here.</summary>
    public IEnumerable<FunctionCallContent> Calls() =>
        Message.Contents.OfType<FunctionCallContent>().Where(call => !call.InformationalOnly);

    public IEnumerable<FunctionCallContent> OpenCalls() => Calls().Where(call => !Results.ContainsKey(call.CallId));

    public CallResult? Failure() =>
        Calls().Select(call => Results.GetValueOrDefault(call.CallId)).FirstOrDefault(result => result is { HasFailed: true });

    /// <summary>Returns the calls that a person refused.</summary>
    public IEnumerable<FunctionCallContent> RefusedCalls() =>
        Calls().Where(call => Results.GetValueOrDefault(call.CallId) is { IsRefused: true });

    /// <summary>Results in the order of the calls, for the model knows them by nothing else.</summary>
    public IEnumerable<ChatMessage> ToMessages()
    {
        yield return Message;
        AIContent[] results = [.. Calls().Select(call => Results.GetValueOrDefault(call.CallId)?.Content).OfType<AIContent>()];
        if (results.Length > 0)
        {
            yield return new(ChatRole.Tool, results);
        }
    }

    void IJsonOnDeserialized.OnDeserialized()
    {
        Stored.Require(
            Message is not null && Results is not null && Requests is not null && Decisions is not null,
            "A part of a step's conversation is missing.");
        Stored.Require(!Message.Contents.Contains(null!), "A part of an answer is missing.");
        string[] ids = [.. Calls().Select(call => call.CallId)];
        HashSet<string> distinct = [.. ids];
        Stored.Require(distinct.Count == ids.Length && !distinct.Contains(""), "Two calls of an answer have the same id.");
        Stored.Require(
            distinct.IsSupersetOf(Results.Keys) && distinct.IsSupersetOf(Decisions.Keys)
                && Requests.Values.All(id => id is not null && distinct.Contains(id) && !Results.ContainsKey(id))
                && Results.All(result => result.Value?.Content is { } content && content.CallId == result.Key)
                && Decisions.Values.All(decision => decision is not null),
            "A result or an approval belongs to no call.");
    }
}

/// <summary>A person's decision about a call.</summary>
internal sealed record ApprovalDecision(bool Approved, string? Reason);

/// <summary>The result of a call.</summary>
internal sealed record CallResult(FunctionResultContent Content, bool HasFailed)
{
    /// <summary>Gets a value indicating whether a person refused the call.</summary>
    public bool IsRefused { get; init; }
}
