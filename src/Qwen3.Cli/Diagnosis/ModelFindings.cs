using Qwen3.Chat.Models;
using Qwen3.Cli.Models;
using Qwen3.LlamaCpp;

namespace Qwen3.Cli.Diagnosis;

/// <summary>Looks at the models: which are here, which fit, and where there is room for more.</summary>
internal static class ModelFindings
{
    public static IEnumerable<Finding> All(bool hasLibrary, CancellationToken cancellationToken)
    {
        FoundModel[] models = [.. new ModelFinder().FindAll(cancellationToken)];
        if (models.Length == 0)
        {
            yield return new(
                FindingLevel.Problem, "models", "no Qwen3 model was found in the folders where models are kept",
                $"Fetch one with 'qwen3 pull instruct-2507', or set {ModelChoice.Variable} to a GGUF file.");
        }

        foreach (FoundModel model in models)
        {
            yield return Of(model, hasLibrary);
        }
    }

    /// <summary>Looks at one model.</summary>
    public static Finding Of(FoundModel model, bool hasLibrary)
    {
        string text = $"{model.Name}, {model.Variant?.ToString() ?? "no chat template"}, {model.Quantization ?? "unknown quantization"}, {ByteSize.Text(model.SizeInBytes)}, {model.Path}";
        if (!hasLibrary)
        {
            return new(FindingLevel.Ok, "model", text);
        }

        var fit = MemoryFit.Of(model.Path, Math.Min(MemoryFit.UsualContext, ModelFile.Read(model.Path).ContextLength));
        return fit.Fits
            ? new(FindingLevel.Ok, "model", $"{text}: fits, {ByteSize.Text(fit.Plan.TotalBytes)} with a context of {fit.Plan.ContextSize} tokens")
            : new(
                FindingLevel.Warning, "model",
                $"{text}: does not fit, {ByteSize.Text(fit.Plan.TotalBytes)} with a context of {fit.Plan.ContextSize} tokens",
                "Take a smaller quantization, a smaller --context, or free memory.");
    }
}
