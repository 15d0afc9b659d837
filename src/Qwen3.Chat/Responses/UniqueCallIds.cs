using Microsoft.Extensions.AI;

namespace Qwen3.Chat.Responses;

/// <summary>Makes the ids of an answer's calls unique in their conversation.</summary>
/// <remarks>
/// Results and approvals are matched with calls by id. Servers and other clients send ids that are empty, or the same
/// for two calls: such a call is given a new id, and so is its result where the answer has it too.
/// </remarks>
/// <param name="conversation">The messages that the answer is to.</param>
internal sealed class UniqueCallIds(IEnumerable<ChatMessage> conversation)
{
    private readonly HashSet<string> _known =
    [
        .. conversation
            .SelectMany(message => message?.Contents ?? [])
            .OfType<FunctionCallContent>()
            .Select(call => call.CallId),
    ];

    // The new ids of calls by the ids that they came with, in the order of the calls.
    private readonly Dictionary<string, Queue<string>> _ids = [];

    /// <summary>Creates an id that no other call has.</summary>
    public static string Create() => $"call_{Guid.NewGuid():N}";

    /// <summary>Replaces calls, and results, whose ids are not unique.</summary>
    public void Apply(IList<AIContent> contents)
    {
        for (int i = 0; i < contents.Count; i++)
        {
            contents[i] = contents[i] switch
            {
                FunctionCallContent call => Apply(call),
                FunctionResultContent result => Apply(result),
                var content => content,
            };
        }
    }

    private FunctionCallContent Apply(FunctionCallContent call)
    {
        string given = call.CallId ?? "";
        string id = given.Length > 0 && _known.Add(given) ? given : Create();
        (_ids.TryGetValue(given, out Queue<string>? ids) ? ids : _ids[given] = []).Enqueue(id);
        return id == given ? call : new(id, call.Name, call.Arguments)
        {
            Exception = call.Exception,
            InformationalOnly = call.InformationalOnly,
            Annotations = call.Annotations,
            AdditionalProperties = call.AdditionalProperties,
            RawRepresentation = call.RawRepresentation ?? call,
        };
    }

    private FunctionResultContent Apply(FunctionResultContent result)
    {
        string given = result.CallId ?? "";
        return !_ids.TryGetValue(given, out Queue<string>? ids) || !ids.TryDequeue(out string? id) || id == given
            ? result
            : new(id, result.Result)
        {
            Exception = result.Exception,
            Annotations = result.Annotations,
            AdditionalProperties = result.AdditionalProperties,
            RawRepresentation = result.RawRepresentation ?? result,
        };
    }
}
