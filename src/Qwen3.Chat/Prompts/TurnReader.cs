using System.Text;
using Microsoft.Extensions.AI;

namespace Qwen3.Chat.Prompts;

/// <summary>Converts messages to the turns of the chat template.</summary>
internal static class TurnReader
{
    /// <summary>The role that some services give to the system message.</summary>
    public static readonly ChatRole Developer = new("developer");

    /// <exception cref="NotSupportedException">The template has no form for a message's role or content.</exception>
    public static List<Turn> Read(IEnumerable<ChatMessage> messages, string? instructions)
    {
        List<Turn> turns = [];
        if (!string.IsNullOrEmpty(instructions))
        {
            turns.Add(new(ChatRole.System, instructions));
        }

        int index = 0;
        IReadOnlyCollection<ChatMessage> all = messages as IReadOnlyCollection<ChatMessage> ?? [.. messages];
        HashSet<string> done = [.. all.SelectMany(message => message?.Contents ?? []).OfType<FunctionResultContent>().Select(result => result.CallId)];
        foreach (ChatMessage message in all)
        {
            Read(message ?? throw new ArgumentException($"Message {index} is null.", nameof(messages)), index++, done, turns);
        }

        // The model was trained with one system turn at the beginning.
        if (!string.IsNullOrEmpty(instructions) && turns.Count > 1 && turns[1].Role == ChatRole.System)
        {
            string text = turns[1].Text;
            turns[1] = turns[1] with { Text = text.Length == 0 ? instructions : $"{instructions}\n\n{text}" };
            turns.RemoveAt(0);
        }

        SortResults(turns);
        return turns;
    }

    /// <summary>
    /// Puts the results of an answer's calls in the order of the calls. The model sees no ids and matches results with
    /// calls by their order, but calls that are invoked concurrently may complete in any order.
    /// </summary>
    private static void SortResults(List<Turn> turns)
    {
        for (int start = 1; start < turns.Count; start++)
        {
            if (turns[start].Role != ChatRole.Tool || turns[start - 1].Calls is not { Count: > 1 } calls)
            {
                continue;
            }

            List<Turn> results = [.. turns.Skip(start).TakeWhile(turn => turn.Role == ChatRole.Tool)];
            List<string> ids = [.. calls.Select(call => call.CallId)];
            // Unknown or repeated ids: the order stays as it is.
            if (ids.Distinct().Count() == ids.Count && results.All(result => ids.Contains(result.CallId!)))
            {
                turns.RemoveRange(start, results.Count);
                turns.InsertRange(start, results.OrderBy(result => ids.IndexOf(result.CallId!)));
            }

            start += results.Count - 1;
        }
    }

    /// <summary>The call that a person was asked about, of a request for approval or its answer.</summary>
    private static ToolCallContent? CallOf(AIContent content) => content switch
    {
        ToolApprovalRequestContent request => request.ToolCall,
        ToolApprovalResponseContent response => response.ToolCall,
        _ => null,
    };

    private static void Read(ChatMessage message, int index, HashSet<string> done, List<Turn> turns)
    {
        ChatRole role = message.Role == Developer ? ChatRole.System : message.Role;
        if (role != ChatRole.System && role != ChatRole.User && role != ChatRole.Assistant && role != ChatRole.Tool)
        {
            throw new NotSupportedException(
                $"Message {index} has the role '{role}'. " +
                "Qwen3 supports the roles system (or developer), user, assistant and tool.");
        }

        var text = new StringBuilder();
        var reasoning = new StringBuilder();
        List<FunctionCallContent> calls = [];
        List<Turn> results = [];
        bool hasText = false;
        // A question to a person whose call is done is history; the call and its result stand in messages of their own.
        List<AIContent> contents = [.. message.Contents.Where(content => CallOf(content) is not { } call || !done.Contains(call.CallId))];
        if (contents.Count == 0 && message.Contents.Count > 0)
        {
            return;
        }

        foreach (AIContent content in contents)
        {
            switch (content)
            {
                case TextContent part:
                    text.Append(part.Text);
                    hasText = true;
                    break;
                case TextReasoningContent part:
                    // The reasoning of another agent in a user message is dropped.
                    reasoning.Append(role == ChatRole.Assistant ? part.Text : "");
                    break;
                case FunctionCallContent call when role == ChatRole.Assistant:
                    calls.Add(call);
                    break;
                case FunctionResultContent result when role == ChatRole.Tool || role == ChatRole.User:
                    results.Add(new(ChatRole.Tool, FunctionResultText.For(result)) { CallId = result.CallId });
                    break;
                case UsageContent or ErrorContent:
                    // Metadata of an answer.
                    break;
                default:
                    throw Unsupported(content, role, index);
            }
        }

        turns.AddRange(results);
        if (role == ChatRole.Assistant)
        {
            var turn = new Turn(role, text.ToString())
            {
                Reasoning = reasoning.ToString(),
                Calls = calls,
                MessageId = message.MessageId,
            };
            AddAssistant(turn, turns);
        }
        else if (hasText || results.Count == 0)
        {
            turns.Add(new(role, text.ToString()));
        }
    }

    /// <summary>Adds an answer, which a history may keep in several messages, one for each call, for example.</summary>
    private static void AddAssistant(Turn turn, List<Turn> turns)
    {
        Turn? before = turns is [.., { } last] && last.Role == ChatRole.Assistant ? last : null;
        if (before is not null &&
            (before.Calls.Count > 0 || (turn.MessageId is not null && turn.MessageId == before.MessageId)))
        {
            turns[^1] = before with
            {
                Text = before.Text + turn.Text,
                Reasoning = before.Reasoning + turn.Reasoning,
                Calls = [.. before.Calls, .. turn.Calls],
            };
        }
        else
        {
            turns.Add(turn);
        }
    }

    private static NotSupportedException Unsupported(AIContent content, ChatRole role, int index) => new(
        $"Message {index} ({role}) has a {content.GetType().Name}{MediaType(content)}, " +
        "which Qwen3 does not support there. Supported are text, reasoning and function calls of the assistant, and " +
        "function results. Describe the content in text, or remove it.");

    private static string MediaType(AIContent content) => content switch
    {
        DataContent data => $" of the type {data.MediaType}",
        UriContent uri => $" of the type {uri.MediaType}",
        _ => "",
    };
}

/// <summary>One turn of the chat template. Consecutive tool turns are rendered as one.</summary>
internal sealed record Turn(ChatRole Role, string Text)
{
    public string Reasoning { get; init; } = "";

    public IReadOnlyList<FunctionCallContent> Calls { get; init; } = [];

    /// <summary>Gets the id of the call that a tool turn is the result of.</summary>
    public string? CallId { get; init; }

    /// <summary>Gets the id of the message that the turn was read from, if it has one.</summary>
    public string? MessageId { get; init; }
}
