using System.Text.Json;
using Microsoft.SemanticKernel.ChatCompletion;

namespace Qwen3.SemanticKernel.Settings;

/// <summary>
/// The system prompts that settings can have, <c>chat_system_prompt</c> and <c>chat_developer_prompt</c>.
/// </summary>
internal static class SystemPrompts
{
    private const string System = "chat_system_prompt";
    private const string Developer = "chat_developer_prompt";

    /// <summary>
    /// The history with the prompts, each where the history has no message of its role, as with Semantic Kernel's
    /// OpenAI connector.
    /// </summary>
    public static ChatHistory AddTo(ChatHistory history, IDictionary<string, object>? extensionData)
    {
        ChatHistory result = Insert(history, AuthorRole.Developer, Text(extensionData, Developer));
        return Insert(result, AuthorRole.System, Text(extensionData, System));
    }

    /// <summary>
    /// Gets a value indicating whether a text is one of the prompts, which a request has in its history.
    /// </summary>
    public static bool Contains(IDictionary<string, object>? extensionData, string text) =>
        text == Text(extensionData, System) || text == Text(extensionData, Developer);

    private static ChatHistory Insert(ChatHistory history, AuthorRole role, string? prompt) =>
        string.IsNullOrWhiteSpace(prompt) || history.Any(message => message.Role == role)
            ? history
            : [new(role, prompt), .. history];

    private static string? Text(IDictionary<string, object>? extensionData, string name) =>
        extensionData?.TryGetValue(name, out object? value) != true
            ? null
            : value switch
            {
                string text => text,
                JsonElement { ValueKind: JsonValueKind.String } json => json.GetString(),
                _ => null,
            };
}
