using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace Qwen3.SemanticKernel.Settings;

/// <summary>
/// Calls the hooks by which classes derived from <see cref="PromptExecutionSettings"/> change a request. They are
/// protected members.
/// </summary>
internal static class SettingsHooks
{
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "PrepareChatHistoryForRequest")]
    public static extern ChatHistory Prepare(PromptExecutionSettings settings, ChatHistory history);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "PrepareChatOptionsForRequest")]
    public static extern void Prepare(PromptExecutionSettings settings, ChatOptions options);
}
