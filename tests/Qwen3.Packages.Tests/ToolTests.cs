using System.Text.RegularExpressions;

namespace Qwen3.Packages.Tests;

/// <summary>The tool, installed from its package.</summary>
public sealed partial class ToolTests(PackageFeed feed)
{
    [Fact]
    public async Task The_installed_tool_answers_and_finds_its_library()
    {
        string folder = feed.CreateFolder("Tool"), tools = Path.Combine(folder, "tools");
        // The command of the documentation, but not where the user's own tools are.
        string[] command = InstallCommand().Match(Repository.Read("docs", "cli.md")).Groups["arguments"].Value.Split(' ');
        Assert.Contains("--global", command);
        await feed.RunAsync(
            folder,
            "dotnet",
            [.. command.Select(argument => argument == "packages" ? feed.Packages : argument).Where(argument => argument != "--global"),
                "--tool-path", tools, "--version", feed.Version]);

        string qwen3 = Path.Combine(tools, OperatingSystem.IsWindows() ? "qwen3.exe" : "qwen3");
        string answer = await feed.RunAsync(folder, qwen3, "run", "--temperature", "0", "My name is Anna.");
        Assert.Contains("Anna", answer);
        string findings = await feed.RunAsync(folder, qwen3, "doctor");
        Assert.Matches($"(?m)^ok +llama.cpp: Cpu backend, .*, {Regex.Escape(tools)}", findings);
    }

    [GeneratedRegex("^dotnet (?<arguments>tool install .*)$", RegexOptions.Multiline)]
    private static partial Regex InstallCommand();
}
