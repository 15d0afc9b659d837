using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Qwen3.Tests;

namespace Qwen3.Cli.Tests;

/// <summary>Runs the commands of docs/cli.md in a shell.</summary>
public sealed partial class DocumentationTests : IDisposable
{
    private readonly EmptyHome _home = new();

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task Every_command_of_the_documentation_works()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        await using LoopbackHub hub = await LoopbackHub.StartAsync();
        byte[] instruct = await File.ReadAllBytesAsync(NanoModels.Instruct), thinking = await File.ReadAllBytesAsync(
            NanoModels.Thinking);
        hub.Add("unsloth/Qwen3-4B-Instruct-2507-GGUF", "Qwen3-4B-Instruct-2507-Q4_K_M.gguf", instruct);
        hub.Add("unsloth/Qwen3-4B-Thinking-2507-GGUF", "Qwen3-4B-Thinking-2507-Q8_0.gguf", thinking);
        _home.Variables["HF_ENDPOINT"] = hub.Endpoint.ToString();
        PrepareFolder();
        string[] commands = [.. Blocks("sh").SelectMany(block => block.Split('\n'))];
        Assert.True(commands.Length > 15);
        foreach (string command in commands)
        {
            (int exitCode, string output, string error) = await ShellAsync("sh", command);
            Assert.True(exitCode == 0, $"{command}\n{output}{error}");
            Assert.DoesNotContain('\e', output + error);
            if (command.Contains("--json", StringComparison.Ordinal) && !command.Contains('>'))
            {
                JsonDocument.Parse(output);
            }
        }

        Assert.Contains(
            "Hello! How can I help you today?", await File.ReadAllTextAsync(Path.Combine(_home.Folder, "answer.json")));
        Assert.Contains(" is larger than ", await File.ReadAllTextAsync(Path.Combine(_home.Folder, "answer.txt")));
    }

    [Fact]
    public async Task The_documented_bash_completion_works()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        PrepareFolder();
        string script =
            $$"""
            {{Blocks("bash").Single()}}
            complete_line() { COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDS=($1) COMP_CWORD=1; _qwen3; echo "${COMPREPLY[@]}"; }
            complete_line 'qwen3 ch'
            """;
        (int exitCode, string output, string error) = await ShellAsync("bash", script);
        Assert.Equal((0, "chat\n", ""), (exitCode, output, error));
    }

    /// <summary>Creates the programs and files that the commands name.</summary>
    private void PrepareFolder()
    {
        string programs = Directory.CreateDirectory(Path.Combine(_home.Folder, "bin")).FullName;
        // With a seed, so that the same tokens are sampled each time, and with a limit, because the nano models rarely
        // end answers that they did not learn.
        AddProgram(
            programs,
            "qwen3",
            $"case $1 in chat|run) exec dotnet '{Files.Tool}' \"$@\" --seed 1 --max-tokens 200;; *) exec dotnet '{Files.Tool}' \"$@\";; esac");
        AddProgram(programs, "npx", $"exec {Files.McpServer}");
        File.CreateSymbolicLink(Path.Combine(_home.Folder, "Qwen3-4B-Instruct-2507-Q4_K_M.gguf"), NanoModels.Instruct);
        File.WriteAllText(Path.Combine(_home.Folder, "notes.txt"), "Anna is 30 and lives in Rome.\n");
        File.WriteAllText(
            Path.Combine(_home.Folder, "person.schema.json"),
            """{"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer"}, "city": {"type": "string"}}}""");
    }

    private static void AddProgram(string folder, string name, string command)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllText(path, $"#!/bin/sh\n{command}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private Task<CliRun> ShellAsync(string shell, string command)
    {
        var start = new ProcessStartInfo(shell, ["-c", command]) { WorkingDirectory = _home.Folder };
        foreach ((string name, string? value) in _home.Variables)
        {
            start.Environment[name] = value;
        }

        start.Environment["PATH"] = $"{Path.Combine(_home.Folder, "bin")}:{Environment.GetEnvironmentVariable("PATH")}";
        // One thread of llama.cpp's, as everywhere in tests.
        start.Environment["DOTNET_PROCESSOR_COUNT"] = "1";
        return RunAsync(start);
    }

    private static async Task<CliRun> RunAsync(ProcessStartInfo start)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        return await CliRun.EndAsync(process);
    }

    private static IEnumerable<string> Blocks(string language) =>
        CodeBlock().Matches(File.ReadAllText(Path.Combine(Files.Root, "docs", "cli.md")))
            .Where(match => match.Groups["language"].Value == language)
            .Select(match => match.Groups["code"].Value);

    [GeneratedRegex(@"^```(?<language>\w+)\n(?<code>.*?)\n```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
