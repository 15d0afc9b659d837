using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;

namespace Qwen3.SemanticKernel.Settings;

/// <summary>
/// Combines the tool modes of Microsoft.Extensions.AI with the function choice behaviors of Semantic Kernel.
/// </summary>
internal static class ToolModes
{
    /// <summary>
    /// The behavior with the meaning of a mode; <see langword="null"/> for <see cref="ChatToolMode.None"/>.
    /// </summary>
    public static FunctionChoiceBehavior? Behavior(ChatToolMode? mode) => mode switch
    {
        null or NoneChatToolMode => null,
        RequiredChatToolMode => FunctionChoiceBehavior.Required(),
        _ => FunctionChoiceBehavior.Auto(),
    };

    /// <summary>Sets a mode in the options of a request, which have the functions that the behavior offers.</summary>
    /// <exception cref="ArgumentException">
    /// The behavior contradicts the mode, or a required function is not offered.
    /// </exception>
    public static void Apply(ChatToolMode mode, FunctionChoiceBehavior? behavior, ChatOptions options)
    {
        bool agrees = mode switch
        {
            NoneChatToolMode => behavior is null or NoneFunctionChoiceBehavior,
            RequiredChatToolMode => behavior is RequiredFunctionChoiceBehavior,
            _ => behavior is AutoFunctionChoiceBehavior,
        };
        if (!agrees)
        {
            throw new ArgumentException(
                $"The setting tool_mode is {ToolModeConverter.Text(mode)}, which contradicts the function choice "
                    + $"behavior, {behavior?.GetType().Name ?? "none"}. Set one of them.");
        }

        options.ToolMode = mode is RequiredChatToolMode { RequiredFunctionName: { } name }
            ? ChatToolMode.RequireSpecific(Find(name, options.Tools))
            : mode;
    }

    /// <summary>The name of a function in the request.</summary>
    private static string Find(string name, IList<AITool>? tools)
    {
        foreach (AITool tool in tools ?? [])
        {
            if (
                name == tool.Name
                || (
                    tool is KernelFunction { PluginName: { } plugin } function
                    && (name == $"{plugin}-{function.Name}" || name == $"{plugin}.{function.Name}")))
            {
                return tool.Name;
            }
        }

        throw new ArgumentException(
            $"The setting tool_mode requires a call of '{name}', which is not one of the offered functions: " +
            $"{string.Join(", ", (tools ?? []).Select(tool => tool.Name).DefaultIfEmpty("none"))}.");
    }
}
