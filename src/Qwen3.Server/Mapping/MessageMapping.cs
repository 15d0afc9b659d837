using System.Text.Json;
using Microsoft.Extensions.AI;
using Qwen3.Server.Serving;
using Qwen3.Server.Wire;

namespace Qwen3.Server.Mapping;

/// <summary>Makes a chat client's messages of a request's.</summary>
internal static class MessageMapping
{
    /// <exception cref="ApiException">A message is not as it must be, or has what the model cannot read.</exception>
    public static List<ChatMessage> Create(IReadOnlyList<RequestMessage?> messages)
    {
        List<ChatMessage> result = new(messages.Count);
        for (int i = 0; i < messages.Count; i++)
        {
            string param = $"messages[{i}]";
            RequestMessage message = messages[i] ?? throw ApiException.Invalid(param, "must be an object.");
            ChatRole role = Role(message.Role, $"{param}.role");
            result.Add(new(role, Contents(message, role, param)) { AuthorName = message.Name });
        }

        return result;
    }

    private static ChatRole Role(string? role, string param) => role switch
    {
        "system" or "developer" => ChatRole.System,
        "user" => ChatRole.User,
        "assistant" => ChatRole.Assistant,
        "tool" => ChatRole.Tool,
        null => throw ApiException.Invalid(param, "is missing."),
        _ => throw ApiException.Invalid(param, "must be system, developer, user, assistant or tool."),
    };

    private static List<AIContent> Contents(RequestMessage message, ChatRole role, string param)
    {
        if (role == ChatRole.Tool)
        {
            return [new FunctionResultContent(message.ToolCallId ?? "", string.Concat(Texts(message.Content, $"{param}.content")))];
        }

        List<AIContent> contents = [];
        if (role == ChatRole.Assistant && (message.ReasoningContent ?? message.Reasoning) is { Length: > 0 } reasoning)
        {
            contents.Add(new TextReasoningContent(reasoning));
        }

        contents.AddRange(Texts(message.Content, $"{param}.content").Select(text => new TextContent(text)));
        if (role == ChatRole.Assistant)
        {
            AddCalls(message.ToolCalls ?? [], $"{param}.tool_calls", contents);
        }
        else if (!JsonValues.IsSet(message.Content))
        {
            throw ApiException.Invalid($"{param}.content", "is missing.");
        }

        return contents;
    }

    private static IEnumerable<string> Texts(JsonElement? content, string param) => content switch
    {
        { ValueKind: JsonValueKind.String } text => [JsonValues.Text(text, param)],
        { ValueKind: JsonValueKind.Array } parts => parts.EnumerateArray().Select((part, i) => PartText(part, $"{param}[{i}]")),
        _ when !JsonValues.IsSet(content) => [],
        _ => throw ApiException.Invalid(param, "must be a string or an array of parts."),
    };

    private static string PartText(JsonElement part, string param)
    {
        JsonValues.CheckTexts(part, param);
        return KnownPartText(part, param);
    }

    private static string KnownPartText(JsonElement part, string param) => JsonValues.RequiredText(part, "type", param) switch
    {
        "text" => JsonValues.RequiredText(part, "text", param),
        "refusal" => JsonValues.RequiredText(part, "refusal", param),
        "image_url" or "input_image" => throw Unreadable(param, "an image"),
        "input_audio" => throw Unreadable(param, "audio"),
        "file" or "input_file" => throw Unreadable(param, "a file"),
        _ => throw ApiException.Invalid($"{param}.type", "must be text."),
    };

    private static ApiException Unreadable(string param, string what) =>
        ApiException.Invalid(param, $"is {what}, and Qwen3-4B reads text only. Describe it in words, or leave it out.");

    private static void AddCalls(List<ToolCall?> calls, string param, List<AIContent> contents)
    {
        for (int i = 0; i < calls.Count; i++)
        {
            string name = calls[i]?.Function?.Name is { Length: > 0 } found
                ? found
                : throw ApiException.Invalid($"{param}[{i}].function.name", "is missing.");
            contents.Add(new FunctionCallContent(
                calls[i]!.Id ?? "", name, JsonValues.Members(calls[i]!.Function!.Arguments, $"{param}[{i}].function.arguments")));
        }
    }
}
