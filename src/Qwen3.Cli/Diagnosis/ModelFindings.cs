using Qwen3.Chat.Models;
using Qwen3.Cli.Models;
using Qwen3.LlamaCpp;

namespace Qwen3.Cli.Diagnosis;

/// <summary>Examines the models on this machine, and whether they fit into the memory.</summary>
internal static class ModelFindings
{
    /// <param name="hasLibrary">Whether the llama.cpp library is usable; it knows the memory.</param>
    /// <param name="isNamed">Whether the environment names a model on this machine.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    public static IEnumerable<Finding> All(bool hasLibrary, bool isNamed, CancellationToken cancellationToken)
    {
        FoundModel[] models = [.. new ModelFinder().FindAll(cancellationToken)];
        if (models.Length == 0)
        {
            yield return new(
                isNamed ? FindingLevel.Ok : FindingLevel.Problem, "models", "no Qwen3 model was found",
                isNamed
                    ? null
                    : $"Fetch one with 'qwen3 pull instruct-2507', or set {ModelChoice.Variable} to a GGUF file.");
        }

        foreach (FoundModel model in models)
        {
            yield return Of(model, hasLibrary);
        }
    }

    /// <summary>Examines one model.</summary>
    public static Finding Of(FoundModel model, bool hasLibrary)
    {
        string variant = model.Variant?.ToString()
            ?? "no chat template", quantization = model.Quantization ?? "unknown quantization";
        string text = $"{model.Name}, {variant}, {quantization}, {ByteSize.Text(model.SizeInBytes)}, {model.Path}";
        if (!hasLibrary)
        {
            return new(FindingLevel.Ok, "model", text);
        }

        var fit = MemoryFit.Of(model.Path, Math.Min(MemoryFit.UsualContext, ModelFile.Read(model.Path).ContextLength));
        return fit.Fits
            ? new(FindingLevel.Ok, "model",
                $"{text}: fits, {ByteSize.Text(fit.Plan.TotalBytes)} with a context of {fit.Plan.ContextSize} tokens")
            : new(
                FindingLevel.Warning, "model",
                $"{text}: does not fit, {ByteSize.Text(fit.Plan.TotalBytes)} with a context of " +
                $"{fit.Plan.ContextSize} tokens",
                "Use a smaller quantization or a smaller --context, or free memory.");
    }
}
