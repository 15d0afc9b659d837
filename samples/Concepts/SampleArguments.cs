using Qwen3.Models;

namespace Concepts;

/// <summary>The sample's command line.</summary>
internal sealed record SampleArguments(string? Concept, string? Model, string? Thinking, int? Threads)
{
    public static string Usage { get; } = $"""
        Usage: dotnet run --project samples/Concepts -- NAME [--model PATH] [--thinking PATH] [--threads COUNT]

        {string.Join("\n", Concepts.Concept.All.Select(concept => $"  {concept.Name,-20} {concept.Description}"))}
          {"all",-20} each of them in turn

          {"--model PATH",-20} a Qwen3 Instruct model in GGUF format
          {"--thinking PATH",-20} a Qwen3 Thinking model in GGUF format
          {"--threads COUNT",-20} how many threads each model computes with

        The defaults are the two nano models of this repository.
        """;

    /// <summary>Reads the arguments; <see langword="null"/> if they are invalid.</summary>
    public static SampleArguments? Read(string[] args)
    {
        var result = new SampleArguments(null, null, null, null);
        for (int i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--model" when i + 1 < args.Length:
                    result = result with { Model = args[++i] };
                    break;
                case "--thinking" when i + 1 < args.Length:
                    result = result with { Thinking = args[++i] };
                    break;
                case "--threads" when i + 1 < args.Length && int.TryParse(args[i + 1], out int threads) && threads > 0:
                    result = result with { Threads = threads };
                    i++;
                    break;
                case ['-', ..]:
                    return null;
                case var name when result.Concept is null:
                    result = result with { Concept = name };
                    break;
                default:
                    return null;
            }
        }

        return result;
    }

    public SampleModels GetModels() => new(
        Model ?? NanoModels.Instruct,
        Thinking ?? NanoModels.Thinking,
        // A nano model is too small for several threads.
        Threads ?? (Model is null && Thinking is null ? 1 : null));
}
