namespace Qwen3.Cli.Tests;

/// <summary>Where things of this repository are.</summary>
internal static class Files
{
    public static string Root => Path.GetDirectoryName(Path.GetDirectoryName(NanoModels.Instruct))!;

    /// <summary>The tool as the build left it beside the tests.</summary>
    public static string Tool => Path.Combine(AppContext.BaseDirectory, "Qwen3.Cli.dll");

    /// <summary>The command that starts the MCP server of the tests.</summary>
    public static string McpServer
    {
        get
        {
            // bin/CONFIGURATION/FRAMEWORK, here as there.
            DirectoryInfo output = new(AppContext.BaseDirectory);
            return $"dotnet \"{Path.Combine(Root, "tests", "Qwen3.Cli.McpServer", "bin", output.Parent!.Name, output.Name, "Qwen3.Cli.McpServer.dll")}\"";
        }
    }
}
