namespace Qwen3.Cli.Tests;

/// <summary>The paths of this repository.</summary>
internal static class Files
{
    public static string Root => Path.GetDirectoryName(Path.GetDirectoryName(NanoModels.Instruct))!;

    /// <summary>
    /// The tool in the output of its own project. The copy beside the tests lacks files of the ASP.NET Core framework.
    /// </summary>
    public static string Tool => Built("src", "Qwen3.Cli");

    /// <summary>The command that starts the MCP server of the tests.</summary>
    public static string McpServer => $"dotnet \"{Built("tests", "Qwen3.Cli.McpServer")}\"";

    private static string Built(string folder, string project)
    {
        // bin/CONFIGURATION/FRAMEWORK, here as there.
        DirectoryInfo output = new(AppContext.BaseDirectory);
        return Path.Combine(Root, folder, project, "bin", output.Parent!.Name, output.Name, $"{project}.dll");
    }
}
