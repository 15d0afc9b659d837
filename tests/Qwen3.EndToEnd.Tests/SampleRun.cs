using System.Diagnostics;

namespace Qwen3.EndToEnd.Tests;

/// <summary>A sample run as a person runs it, less the building.</summary>
internal sealed record SampleRun(int ExitCode, string Output, string Error)
{
    /// <param name="sample">Its name.</param>
    /// <param name="arguments">Its command line.</param>
    /// <param name="environment">Variables beside those of this process.</param>
    /// <param name="input">What the person types before going away.</param>
    public static async Task<SampleRun> OfAsync(
        string sample, string[] arguments, IReadOnlyDictionary<string, string>? environment = null, string input = "")
    {
        ProcessStartInfo start = Command(sample, arguments);
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        Task<string> text = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new(process.ExitCode, await text, await error);
    }

    /// <summary>How a sample is started, with its streams redirected.</summary>
    public static ProcessStartInfo Command(string sample, params string[] arguments)
    {
        return new("dotnet", [Built(Path.Combine("samples", sample)), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
    }

    /// <summary>The repository's folder.</summary>
    public static string Root { get; } =
        NanoModels.Instruct[..NanoModels.Instruct.LastIndexOf($"{Path.DirectorySeparatorChar}models{Path.DirectorySeparatorChar}", StringComparison.Ordinal)];

    /// <summary>The assembly of a program that only tests run.</summary>
    public static string ProgramPath(string name) => Built(Path.Combine("tests", "Programs", name));

    // bin/CONFIGURATION/FRAMEWORK, here as there.
    private static string Built(string folder)
    {
        DirectoryInfo output = new(AppContext.BaseDirectory);
        return Path.Combine(Root, folder, "bin", output.Parent!.Name, output.Name, $"{Path.GetFileName(folder)}.dll");
    }
}
