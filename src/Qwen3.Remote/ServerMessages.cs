using System.Text;
using Microsoft.Extensions.AI;
using OpenAI.Chat;
using Qwen3.Chat;
using Qwen3.Chat.Prompts;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;

namespace Qwen3.Remote;

/// <summary>Messages as the model in this process reads them, for a server to make the same prompt of.</summary>
/// <param name="traits">What the server takes.</param>
/// <param name="variant">The model's variant.</param>
/// <param name="needsSwitch">Whether the model is to be told in the last question not to think, as the server has no other way.</param>
internal sealed class ServerMessages(ServerTraits traits, Qwen3Variant variant, bool needsSwitch)
{
    /// <exception cref="NotSupportedException">A message has a role or a content that the model has no form for.</exception>
    public IEnumerable<ChatMessage> Create(IEnumerable<ChatMessage> messages, string? instructions)
    {
        List<Turn> turns = TurnReader.Read(messages, instructions);
        int question = turns.FindLastIndex(turn => turn.Role == ChatRole.User);
        if (needsSwitch && question >= 0)
        {
            turns[question] = turns[question] with { Text = $"{turns[question].Text} /no_think" };
        }

        return turns.Select(turn => new ChatMessage(turn.Role, turn.Text) { RawRepresentation = Message(turn) });
    }

    private OpenAI.Chat.ChatMessage Message(Turn turn) =>
        turn.Role == ChatRole.System ? new SystemChatMessage(turn.Text)
        : turn.Role == ChatRole.User ? new UserChatMessage(turn.Text)
        : turn.Role == ChatRole.Tool ? new ToolChatMessage(turn.CallId ?? "", turn.Text)
        : Assistant(turn);

    private AssistantChatMessage Assistant(Turn turn)
    {
        bool hasReasoning = variant != Qwen3Variant.Instruct && turn.Reasoning.Length > 0;
        string text = hasReasoning && traits.Reasoning.Count == 0
            ? $"<think>\n{turn.Reasoning.Trim('\n')}\n</think>\n\n{turn.Text}"
            : turn.Text;
        List<ChatToolCall> calls = [.. turn.Calls.Select(Call)];
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

    private static ChatToolCall Call(FunctionCallContent call) =>
        ChatToolCall.CreateFunctionToolCall(call.CallId, call.Name, BinaryData.FromString(PromptJson.Format(call.Arguments)));
}
