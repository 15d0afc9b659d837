using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;

namespace Qwen3.SemanticKernel.Mapping;

/// <summary>Joins the names of plugins and functions to the names that the model knows, and splits them.</summary>
/// <param name="kernel">The kernel of the request, if there is one.</param>
/// <param name="tools">The functions that were offered, whether or not the kernel has them.</param>
internal sealed class FunctionNames(Kernel? kernel, IEnumerable<AITool>? tools)
{
    private readonly Dictionary<string, (string? Plugin, string Function)> _offered = Offered(tools);

    public static string Join(string? plugin, string function) =>
        string.IsNullOrEmpty(plugin) ? function : $"{plugin}_{function}";

    /// <summary>The plugin and the function of a joined name; no plugin if no function has the name.</summary>
    public (string? Plugin, string Function) Split(string name)
    {
        if (_offered.TryGetValue(name, out (string? Plugin, string Function) offered))
        {
            return offered;
        }

        // Names of plugins and functions may contain underscores, so only the kernel can tell where to split.
        for (
            int i = name.IndexOf('_', StringComparison.Ordinal);
            i > 0 && kernel is not null;
            i = name.IndexOf('_', i + 1))
        {
            if (kernel.Plugins.TryGetFunction(name[..i], name[(i + 1)..], out KernelFunction? function))
            {
                return (function.PluginName, function.Name);
            }
        }

        return (null, name);
    }

    private static Dictionary<string, (string? Plugin, string Function)> Offered(IEnumerable<AITool>? tools)
    {
        Dictionary<string, (string? Plugin, string Function)> offered = [];
        foreach (AITool tool in tools ?? [])
        {
            if (tool.GetService<KernelFunction>() is { } function)
            {
                offered.TryAdd(tool.Name, (function.PluginName, function.Name));
            }
        }

        return offered;
    }
}
