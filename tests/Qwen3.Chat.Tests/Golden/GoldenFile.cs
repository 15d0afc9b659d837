using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Qwen3.Chat.Tests.Golden;

/// <summary>
/// Conversations, prompts, ids and outputs that an independent engine made with the models' own templates and tokenizer files
/// (Qwen/Qwen3-4B-Instruct-2507, Qwen/Qwen3-4B-Thinking-2507 and Qwen/Qwen3-4B, Apache-2.0).
/// </summary>
internal static class GoldenFile
{
    public static IReadOnlyList<JsonElement> Prompts { get; } = Read("golden-prompts.jsonl");

    public static IReadOnlyList<JsonElement> TokenIds { get; } = Read("golden-token-ids.jsonl");

    public static IReadOnlyList<JsonElement> Outputs { get; } = Read("golden-outputs.jsonl");

    public static (Qwen3Variant Variant, ChatOptions Options) Configure(string name, JsonElement conversation) => (
        name switch { "instruct" => Qwen3Variant.Instruct, "thinking" => Qwen3Variant.Thinking, _ => Qwen3Variant.Hybrid },
        new()
        {
            Tools = conversation.TryGetProperty("tools", out JsonElement tools) ? [.. tools.EnumerateArray().Select(ToTool)] : null,
            Reasoning = name == "hybrid-no-thinking" ? new() { Effort = ReasoningEffort.None } : null,
        });

    public static List<ChatMessage> Messages(JsonElement conversation) => [.. conversation.GetProperty("messages").EnumerateArray().Select(ToMessage)];

    private static AITool ToTool(JsonElement tool)
    {
        JsonElement function = tool.GetProperty("function");
        return AIFunctionFactory.CreateDeclaration(
            function.GetProperty("name").GetString()!, function.GetProperty("description").GetString()!, function.GetProperty("parameters"));
    }

    private static ChatMessage ToMessage(JsonElement message)
    {
        ChatRole role = new(message.GetProperty("role").GetString()!);
        string content = message.GetProperty("content").GetString()!;
        if (role == ChatRole.Tool)
        {
            return new(role, [new FunctionResultContent("id", content)]);
        }

        List<AIContent> contents = [];
        if (message.TryGetProperty("reasoning_content", out JsonElement reasoning))
        {
            contents.Add(new TextReasoningContent(reasoning.GetString()));
        }

        contents.Add(new TextContent(content));
        foreach (JsonElement call in message.TryGetProperty("tool_calls", out JsonElement calls) ? calls.EnumerateArray() : default)
        {
            JsonElement function = call.GetProperty("function");
            contents.Add(new FunctionCallContent(
                "id",
                function.GetProperty("name").GetString()!,
                function.GetProperty("arguments").EnumerateObject().ToDictionary(member => member.Name, member => (object?)member.Value)));
        }

        return new(role, contents);
    }

    private static List<JsonElement> Read(string name) =>
        [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Golden", name)).Select(line => JsonElement.Parse(line))];
}
