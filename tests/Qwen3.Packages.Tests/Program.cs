using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Qwen3.Packages.Tests;

/// <summary>Programs that the tests run.</summary>
internal static class Program
{
    /// <summary>Gets the folder of the .NET that runs the tests.</summary>
    public static string DotnetFolder { get; } = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));

    /// <summary>Runs a program that must succeed.</summary>
    /// <returns>What the program printed.</returns>
    public static async Task<string> RunAsync(
        string folder, string input, IReadOnlyDictionary<string, string?> environment, string program, params string[] arguments)
    {
        using Process process = Start(folder, environment, program, arguments);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}\n{await output}{await error}");
        return (await output).ReplaceLineEndings("\n");
    }

    public static Process Start(string folder, IReadOnlyDictionary<string, string?> environment, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program == "dotnet" ? Path.Combine(DotnetFolder, program) : program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Variables of the `dotnet test` or `dotnet run` that started the tests.
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            start.Environment.Remove(name);
        }

        foreach ((string name, string? value) in environment)
        {
            start.Environment[name] = value;
        }

        start.Environment["DOTNET_ROOT"] = DotnetFolder;
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        return Process.Start(start)!;
    }
}
