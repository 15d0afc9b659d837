using System.Text.RegularExpressions;
using Qwen3.Chat.Models;
using Qwen3.Cli.Models;
using Qwen3.LlamaCpp;

namespace Qwen3.Cli.Diagnosis;

/// <summary>Examines the environment variables that are set.</summary>
internal static partial class EnvironmentFindings
{
    private static readonly (string Name, string Meaning)[] s_variables =
    [
        ("QWEN3_LLAMA_DIRECTORY", "the only folder that the llama.cpp library is loaded from"),
        ("QWEN3_MODELS", "the folder with models of your own"),
        ("HF_HOME", "the folder of the Hugging Face cache and token"),
        ("HF_HUB_CACHE", "the folder that models are fetched into"),
        ("LLAMA_CACHE", "the folder of llama.cpp's older cache"),
        ("OLLAMA_MODELS", "the folder of Ollama's store"),
        ("HF_ENDPOINT", "the hub that models are fetched from"),
        ("HF_HUB_OFFLINE", "with 1, on, yes or true, nothing is fetched"),
        ("MODELSCOPE_DOMAIN", "the host of ModelScope"),
        ("CUDA_VISIBLE_DEVICES", "the GPUs that CUDA may use"),
        ("GGML_VK_VISIBLE_DEVICES", "the GPUs that Vulkan may use"),
        ("DOTNET_PROCESSOR_COUNT", "the number of processors for .NET, and so the default of --threads"),
        ("GOMP_SPINCOUNT", "how long threads of the CPU backend spin while they wait"),
        ("OMP_WAIT_POLICY", "how threads of the CPU backend wait"),
        ("MODELSCOPE_CACHE", "the folder of ModelScope's cache"),
        ("NO_COLOR", "no colours"),
    ];

    // Only the presence of these is reported, never the value.
    private static readonly (string Name, string Meaning)[] s_secrets =
        [("HF_TOKEN", "the token for Hugging Face"), ("MODELSCOPE_API_TOKEN", "the token for ModelScope")];

    public static IEnumerable<Finding> All(bool hasLibrary, CancellationToken cancellationToken)
    {
        if (Value(ModelChoice.Variable) is { } model)
        {
            yield return Model(model, hasLibrary, cancellationToken);
        }

        foreach ((string name, string meaning) in s_variables)
        {
            if (Value(name) is { } value)
            {
                yield return new(FindingLevel.Ok, name, $"{UserInfo().Replace(value, "***@")}: {meaning}");
            }
        }

        foreach ((string name, string meaning) in s_secrets)
        {
            if (Value(name) is not null)
            {
                yield return new(FindingLevel.Ok, name, $"set: {meaning}");
            }
        }
    }

    private static Finding Model(string text, bool hasLibrary, CancellationToken cancellationToken)
    {
        try
        {
            FoundModel? model = new ModelFinder().Find(ModelChoice.Parse(text), cancellationToken);
            return model is not null
                ? ModelFindings.Of(model, hasLibrary) with { Subject = ModelChoice.Variable }
                : new(
                    FindingLevel.Problem, ModelChoice.Variable, $"{text} is not on this machine",
                    $"Fetch it with 'qwen3 pull {text}', or unset the variable.");
        }
        catch (Exception e) when (e is CommandException or IOException or UnauthorizedAccessException or Qwen3Exception)
        {
            return new(FindingLevel.Problem, ModelChoice.Variable, ErrorLine.For(e),
                "Set it to a model on this machine, or unset it.");
        }
    }

    private static string? Value(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    // Up to the last @ of an address: a password can have an @ and slashes too.
    [GeneratedRegex("(?<=://).*@")]
    private static partial Regex UserInfo();
}
