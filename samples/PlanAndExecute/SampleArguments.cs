using Qwen3.Models;

namespace PlanAndExecute;

/// <summary>The sample's command line.</summary>
internal sealed record SampleArguments
{
    public const string Usage = """
        Usage: dotnet run --project samples/PlanAndExecute [-- OPTIONS]

          --goal TEXT         what is to be reached
          --planner MODEL     a Qwen3 Thinking model, which plans
          --executor MODEL    a Qwen3 Instruct model, which carries out the steps
          --approve           ask before a plan is carried out and before a message is sent
          --checkpoints PATH  a folder to keep in how far it is
          --resume            go on from there
          --plain             lines of text instead of a tree, as where the output is no terminal
          --threads COUNT     how many threads each model computes with

        A MODEL is a GGUF file, or a server's address, such as http://gpu-pool:8000/v1, with the model's name there behind a # if it is not that of
        Qwen's own repository. The environment variable QWEN3_API_KEY has the server's key. The defaults are the two nano models of this repository;
        with one of --planner and --executor, that file, or that server, does both.
        """;

    /// <summary>The name that the run is resumed by.</summary>
    public const string Session = "plan-and-execute";

    public string Goal { get; init; } = "Get the weather in Paris and Rome, then send a summary to Anna.";

    public string? Planner { get; init; }

    public string? Executor { get; init; }

    public bool Approve { get; init; }

    public string? Checkpoints { get; init; }

    public bool Resume { get; init; }

    public bool Plain { get; init; } = Console.IsOutputRedirected;

    // A nano model is too small to be shared out among processors.
    public int? Threads { get => field ?? (IsNano ? 1 : null); init; }

    public bool IsNano => new[] { PlannerModel, ExecutorModel }.All(model => model.Contains("nano", StringComparison.OrdinalIgnoreCase));

    public string PlannerModel => Planner ?? Executor ?? NanoModels.Thinking;

    public string ExecutorModel => Executor ?? Planner ?? NanoModels.Instruct;

    /// <summary>Whether one file does both. A server has both models.</summary>
    public bool IsOneModel => PlannerModel == ExecutorModel && !SampleModel.IsServer(PlannerModel);

    /// <summary>Reads the arguments; <see langword="null"/> if they are not understood.</summary>
    public static SampleArguments? Read(string[] args)
    {
        var result = new SampleArguments();
        var rest = new Queue<string>(args);
        while (rest.TryDequeue(out string? name))
        {
            string? value = name is "--approve" or "--resume" or "--plain" ? null : rest.TryDequeue(out string? next) ? next : "";
            SampleArguments? read = (name, value) switch
            {
                ("--approve", _) => result with { Approve = true },
                ("--resume", _) => result with { Resume = true },
                ("--plain", _) => result with { Plain = true },
                (_, "") => null,
                ("--goal", _) => result with { Goal = value! },
                ("--planner", _) => result with { Planner = value },
                ("--executor", _) => result with { Executor = value },
                ("--checkpoints", _) => result with { Checkpoints = value },
                ("--threads", _) when int.TryParse(value, out int threads) && threads > 0 => result with { Threads = threads },
                _ => null,
            };
            if (read is null)
            {
                return null;
            }

            result = read;
        }

        return result.Resume && result.Checkpoints is null ? null : result;
    }
}
