using System.Diagnostics;

namespace Qwen3.EndToEnd.Tests;

/// <summary>Programs where reflection-based JSON is off, as it is in file-based apps.</summary>
public sealed class FileBasedAppTests
{
    [Fact]
    public async Task The_smallest_program_runs()
    {
        string sample = Path.Combine(SampleRun.Root, "samples", "hello.cs");
        (int exitCode, string output) = await RunAsync("run", sample, NanoModels.Instruct);
        Assert.Contains("Nice to meet you, Anna!", output);
        Assert.Equal(0, exitCode);
    }

    [Fact]
    public async Task The_surface_of_Semantic_Kernel_works_without_reflection_based_JSON()
    {
        (int exitCode, string output) = await RunAsync(SampleRun.ProgramPath("WithoutReflection"));
        Assert.Equal(0, exitCode);
        foreach (string line in (string[])
        [
            "reflection: False", "plain settings: Hello! How can I help you", "derived settings: length", "own type: {\"sky\":\"sunny\",\"degrees\":21}",
            "prompt: Nice to meet you, Anna!", "unknown type: Error: the result is a WithoutReflection.Unknown, which cannot be written as JSON. True",
            "typed answer: True", "tools: Weather_GetWeather Thinking_SolveHardQuestion Thinking_MakePlan",
            "streamed call: Weather-GetWeather {\"city\":",
        ])
        {
            Assert.Contains(line, output);
        }

        string refusal = output.Split('\n').Single(line => line.StartsWith("type without metadata: ", StringComparison.Ordinal));
        Assert.Contains("WithoutReflection.Forecast", refusal);
        Assert.Contains("ResponseFormat = YourJsonContext.Default.Forecast", refusal);
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = SampleRun.Root };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await error);
    }
}
