using System.Diagnostics;

namespace Qwen3.Chat.Tests;

/// <summary>
/// The program that is published with native AOT, run by the runtime with the same settings: reflection-based JSON is off.
/// </summary>
public sealed class NativeChatTests
{
    [Fact]
    public async Task A_program_without_reflection_based_JSON_calls_functions_and_reads_typed_answers()
    {
        string folder = AppContext.BaseDirectory.Replace("Qwen3.Chat.Tests", Path.Combine("Programs", "NativeChat"));
        using Process program = Process.Start(
            new ProcessStartInfo("dotnet", [Path.Combine(folder, "NativeChat.dll"), NanoModels.Instruct])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        Task<string> errors = program.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await program.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await program.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(program.ExitCode == 0, await errors);

        Assert.Contains("asked for: Paris", output);
        Assert.Matches("answer: .*sunny", output);
        Assert.Matches("told: Error: a value of the type Unknown cannot be written as JSON: .*JsonSerializerContext", output);
        Assert.Matches("went on: (stop|length)", output);
        Assert.Contains("typed: stop True Forecast", output);
    }
}
