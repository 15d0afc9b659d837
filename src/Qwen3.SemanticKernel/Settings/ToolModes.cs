using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;

namespace Qwen3.SemanticKernel.Settings;

/// <summary>Microsoft.Extensions.AI's word for whether functions are called, beside Semantic Kernel's.</summary>
internal static class ToolModes
{
    /// <summary>The behavior that offers a kernel's functions as a mode means it; none for <see cref="ChatToolMode.None"/>.</summary>
    public static FunctionChoiceBehavior? Behavior(ChatToolMode? mode) => mode switch
    {
        null or NoneChatToolMode => null,
        RequiredChatToolMode => FunctionChoiceBehavior.Required(),
        _ => FunctionChoiceBehavior.Auto(),
    };

    /// <summary>Puts a mode into the options of a request, which have the functions that the behavior offers.</summary>
    /// <exception cref="ArgumentException">The behavior says another thing than the mode, or a function that must be called is not offered.</exception>
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
                $"The setting tool_mode is {ToolModeConverter.Text(mode)}, and the function choice behavior is {behavior?.GetType().Name ?? "none"}, which says another thing. Set one of them.");
        }

        options.ToolMode = mode is RequiredChatToolMode { RequiredFunctionName: { } name } ? ChatToolMode.RequireSpecific(Find(name, options.Tools)) : mode;
    }

    /// <summary>The name by which the model knows a function.</summary>
    private static string Find(string name, IList<AITool>? tools)
    {
        foreach (AITool tool in tools ?? [])
        {
            if (name == tool.Name || (tool is KernelFunction { PluginName: { } plugin } function && (name == $"{plugin}-{function.Name}" || name == $"{plugin}.{function.Name}")))
            {
                return tool.Name;
            }
        }

        throw new ArgumentException(
            $"The setting tool_mode requires a call of '{name}', and that is none of the functions on offer: " +
            $"{string.Join(", ", (tools ?? []).Select(tool => tool.Name).DefaultIfEmpty("there are none"))}.");
    }
}
