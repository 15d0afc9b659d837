using System.Text;
using Microsoft.Extensions.AI;
using OpenAI.Chat;
using Qwen3.Chat.Prompts;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;

namespace Qwen3.Chat.Remote;

/// <summary>Messages as the model in this process reads them, for a server to make the same prompt of.</summary>
internal static class ServerMessages
{
    /// <exception cref="NotSupportedException">A message has a role or a content that the model has no form for.</exception>
    public static IEnumerable<ChatMessage> Create(ServerTraits traits, Qwen3Variant variant, IEnumerable<ChatMessage> messages, string? instructions) =>
        TurnReader.Read(messages, instructions).Select(turn => new ChatMessage(turn.Role, turn.Text) { RawRepresentation = Message(traits, variant, turn) });

    private static OpenAI.Chat.ChatMessage Message(ServerTraits traits, Qwen3Variant variant, Turn turn) =>
        turn.Role == ChatRole.System ? new SystemChatMessage(turn.Text)
        : turn.Role == ChatRole.User ? new UserChatMessage(turn.Text)
        : turn.Role == ChatRole.Tool ? new ToolChatMessage(turn.CallId ?? "", turn.Text)
        : Assistant(traits, variant, turn);

    private static AssistantChatMessage Assistant(ServerTraits traits, Qwen3Variant variant, Turn turn)
    {
        bool hasReasoning = variant != Qwen3Variant.Instruct && turn.Reasoning.Length > 0;
        string text = hasReasoning && traits.Reasoning.Count == 0 ? $"<think>\n{turn.Reasoning.Trim('\n')}\n</think>\n\n{turn.Text}" : turn.Text;
        List<ChatToolCall> calls =
        [
            .. turn.Calls.Select(call => ChatToolCall.CreateFunctionToolCall(call.CallId, call.Name, BinaryData.FromString(PromptJson.Format(call.Arguments)))),
        ];
        AssistantChatMessage message = calls.Count > 0 && text.Length == 0 ? new(calls) : new(text);
        if (text.Length > 0)
        {
            calls.ForEach(message.ToolCalls.Add);
        }

        foreach (string name in hasReasoning ? traits.Reasoning : [])
        {
            message.Patch.Set(Encoding.UTF8.GetBytes($"$.{name}"), turn.Reasoning);
        }

        return message;
    }
}
