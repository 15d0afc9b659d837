using System.Text.RegularExpressions;
using Qwen3.Chat.Models;
using Qwen3.Cli.Models;
using Qwen3.LlamaCpp;

namespace Qwen3.Cli.Diagnosis;

/// <summary>Looks at the environment variables that matter and are set.</summary>
internal static partial class EnvironmentFindings
{
    private static readonly (string Name, string Meaning)[] s_variables =
    [
        ("QWEN3_LLAMA_DIRECTORY", "the only place where the llama.cpp library is looked for"),
        ("QWEN3_MODELS", "the folder where models of your own are looked for"),
        ("HF_HOME", "the folder of the Hugging Face cache and token"),
        ("HF_HUB_CACHE", "the folder that models are fetched into"),
        ("LLAMA_CACHE", "the folder of llama.cpp's older cache"),
        ("OLLAMA_MODELS", "the folder of Ollama's store"),
        ("HF_ENDPOINT", "the hub that models are fetched from"),
        ("HF_HUB_OFFLINE", "with 1, on, yes or true, nothing is fetched"),
        ("MODELSCOPE_DOMAIN", "the host of ModelScope"),
        ("CUDA_VISIBLE_DEVICES", "the cards that CUDA may use"),
        ("GGML_VK_VISIBLE_DEVICES", "the cards that Vulkan may use"),
        ("DOTNET_PROCESSOR_COUNT", "how many processors there are for .NET, and so how many threads compute"),
        ("NO_COLOR", "no colours"),
    ];

    // Their values are nobody's business.
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
        catch (Exception e) when (e is CommandException or IOException or UnauthorizedAccessException or ModelFileException)
        {
            return new(FindingLevel.Problem, ModelChoice.Variable, ErrorLine.For(e), "Set it to a model that is here, or unset it.");
        }
    }

    private static string? Value(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    // Up to the last @ of an address, for a password may have some, and slashes.
    [GeneratedRegex("(?<=://).*@")]
    private static partial Regex UserInfo();
}
