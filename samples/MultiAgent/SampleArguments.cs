using Microsoft.Extensions.AI;
using Qwen3.Models;

namespace MultiAgent;

/// <summary>The sample's command line.</summary>
internal sealed record SampleArguments
{
    public const string Usage = """
        Usage: dotnet run --project samples/MultiAgent [-- OPTIONS]

          --pattern NAME   how the three agents work together: handoff (the default), groupchat or workflow
          --question TEXT  what they are asked
          --model PATH     a Qwen3 Instruct model in GGUF format; the default is the nano model of this repository
          --threads COUNT  how many threads the model computes with
        """;

    public string Pattern { get; init; } = "handoff";

    public string? Asked { get; init; }

    public string Question => Asked ?? "I go to Lisbon by train for three days in May. What do I have to book myself, and what is paid back?";

    public string? Model { get; init; }

    // A nano model is too small to be shared out among processors.
    public int? Threads { get => field ?? (IsNano ? 1 : null); init; }

    public bool IsNano => Model is null;

    /// <summary>Whether nothing sensible can come of it: the small world of the nano models does not have the question.</summary>
    public bool IsBeyondModel => IsNano && Asked is null;

    public string ModelPath => Model ?? NanoModels.Instruct;

    // The nano models are too small to be sampled from, and to come to an end always; a real model is best left to its own defaults.
    public ChatOptions ChatOptions => IsNano ? new() { Temperature = 0, MaxOutputTokens = 100 } : new();

    /// <summary>Reads the arguments; <see langword="null"/> if they are not understood.</summary>
    public static SampleArguments? Read(string[] args)
    {
        var result = new SampleArguments();
        for (int i = 0; i < args.Length; i += 2)
        {
            string? value = i + 1 < args.Length ? args[i + 1] : null;
            switch (args[i])
            {
                case "--pattern" when value is "handoff" or "groupchat" or "workflow":
                    result = result with { Pattern = value };
                    break;
                case "--question" when value is not null:
                    result = result with { Asked = value };
                    break;
                case "--model" when value is not null:
                    result = result with { Model = value };
                    break;
                case "--threads" when int.TryParse(value, out int threads) && threads > 0:
                    result = result with { Threads = threads };
                    break;
                default:
                    return null;
            }
        }

        return result;
    }
}
