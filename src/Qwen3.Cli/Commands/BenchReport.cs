namespace Qwen3.Cli.Commands;

/// <summary>What <c>bench --json</c> prints.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Quantization">How it is quantized.</param>
/// <param name="Threads">How many threads compute.</param>
/// <param name="PromptTokens">The length of each prompt.</param>
/// <param name="GeneratedTokens">The length of each answer.</param>
/// <param name="Runs">A measurement for each number of requests at a time.</param>
internal sealed record BenchReport(
    string Model, string Quantization, int Threads, int PromptTokens, int GeneratedTokens, IReadOnlyList<BenchReport.Run> Runs)
{
    /// <param name="Requests">How many requests at a time.</param>
    /// <param name="PromptSpeed">Prompt tokens a second, of all requests together.</param>
    /// <param name="GenerationSpeed">Generated tokens a second, of all requests together.</param>
    internal sealed record Run(int Requests, double PromptSpeed, double GenerationSpeed);
}
