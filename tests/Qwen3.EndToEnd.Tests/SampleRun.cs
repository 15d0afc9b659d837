using System.Diagnostics;

namespace Qwen3.EndToEnd.Tests;

/// <summary>A sample run as a person runs it, less the building.</summary>
internal sealed record SampleRun(int ExitCode, string Output, string Error)
{
    public static async Task<SampleRun> OfAsync(string sample, string[] arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        // bin/CONFIGURATION/FRAMEWORK, here as there.
        DirectoryInfo output = new(AppContext.BaseDirectory);
        string configuration = Path.Combine(output.Parent!.Name, output.Name);
        string root = NanoModels.Instruct[..NanoModels.Instruct.LastIndexOf($"{Path.DirectorySeparatorChar}models{Path.DirectorySeparatorChar}", StringComparison.Ordinal)];
        var start = new ProcessStartInfo("dotnet", [Path.Combine(root, "samples", sample, "bin", configuration, $"{sample}.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        Task<string> text = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new(process.ExitCode, await text, await error);
    }
}
