using System.Text.Json;
using Microsoft.Extensions.AI;
using OllamaSharp.Models.Chat;
using Qwen3.Chat;
using Qwen3.Chat.Prompts;
using ChatRole = Microsoft.Extensions.AI.ChatRole;

namespace Qwen3.Remote;

/// <summary>Messages as the model in this process reads them, for Ollama to make the same prompt of.</summary>
internal static class OllamaMessages
{
    /// <exception cref="NotSupportedException">A message has a role or a content that the model has no form for.</exception>
    public static IEnumerable<Message> Create(Qwen3Variant variant, IEnumerable<Microsoft.Extensions.AI.ChatMessage> messages, string? instructions)
    {
        // Ollama knows a result by its function's name.
        Dictionary<string, string> names = [];
        foreach (Turn turn in TurnReader.Read(messages, instructions))
        {
            foreach (FunctionCallContent call in turn.Calls)
            {
                names[call.CallId] = call.Name;
            }

            bool hasReasoning = variant != Qwen3Variant.Instruct && turn.Reasoning.Length > 0;
            yield return new()
            {
                Role = turn.Role.Value,
                Content = turn.Text,
                Thinking = hasReasoning ? turn.Reasoning : null,
                ToolCalls = turn.Calls.Count > 0 ? [.. turn.Calls.Select(Call)] : null,
                ToolName = turn.Role == ChatRole.Tool ? names.GetValueOrDefault(turn.CallId ?? "") : null,
            };
        }
    }

    private static Message.ToolCall Call(FunctionCallContent call) => new()
    {
        Id = call.CallId,
        Function = new()
        {
            Name = call.Name,
            Arguments = JsonElement.Parse(PromptJson.Format(call.Arguments)).EnumerateObject().ToDictionary(member => member.Name, member => (object?)member.Value),
        },
    };
}
