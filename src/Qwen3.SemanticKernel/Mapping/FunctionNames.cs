using Microsoft.SemanticKernel;

namespace Qwen3.SemanticKernel.Mapping;

/// <summary>A kernel's functions have a plugin and a name; the model knows them by both, joined.</summary>
internal static class FunctionNames
{
    public static string Join(string? plugin, string function) => string.IsNullOrEmpty(plugin) ? function : $"{plugin}_{function}";

    /// <summary>The plugin and the function that a joined name stands for in a kernel; no plugin if it stands for none.</summary>
    public static (string? Plugin, string Function) Split(string name, Kernel? kernel)
    {
        // Names of plugins and functions may have underscores too, so that the kernel alone can tell.
        for (int i = name.IndexOf('_', StringComparison.Ordinal); i > 0 && kernel is not null; i = name.IndexOf('_', i + 1))
        {
            if (kernel.Plugins.TryGetFunction(name[..i], name[(i + 1)..], out KernelFunction? function))
            {
                return (function.PluginName, function.Name);
            }
        }

        return (null, name);
    }
}
