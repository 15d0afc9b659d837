using System.Diagnostics;

namespace Qwen3.Cli.Tests;

/// <summary>The result of a command.</summary>
internal sealed record CliRun(int ExitCode, string Output, string Error)
{
    /// <summary>Runs a command in this process, which saves the time to start another one.</summary>
    public static async Task<CliRun> InProcessAsync(string input, params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int exitCode = await Qwen3CommandLine.InvokeAsync(args, new Terminal(new StringReader(input), output, error));
        return new(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>Runs the tool as a process of its own.</summary>
    /// <param name="environment">Environment variables to set, or with <see langword="null"/> to remove.</param>
    /// <param name="args">The command line.</param>
    public static async Task<CliRun> OfAsync(IReadOnlyDictionary<string, string?> environment, params string[] args)
    {
        using Process process = Start(environment, args);
        process.StandardInput.Close();
        return await EndAsync(process);
    }

    public static Process Start(IReadOnlyDictionary<string, string?> environment, params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [Files.Tool, .. args])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string? value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    public static async Task<CliRun> EndAsync(Process process)
    {
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new(process.ExitCode, await output, await error);
    }
}
