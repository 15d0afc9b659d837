using Microsoft.Extensions.Options;
using Qwen3.Chat.Models;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Hosting;

/// <summary>Checks the options of registered clients before a model is loaded by them, and names the setting that is wrong.</summary>
internal sealed class Qwen3ChatClientOptionsValidator : IValidateOptions<Qwen3ChatClientOptions>
{
    public ValidateOptionsResult Validate(string? name, Qwen3ChatClientOptions options)
    {
        var failures = new List<string>();
        if (options.ModelName is null)
        {
            Require(
                !string.IsNullOrWhiteSpace(options.ModelPath), nameof(options.ModelPath), options.ModelPath,
                $"must be the path of a Qwen3 model in GGUF format, or {nameof(options.ModelName)} a model's name");
        }
        else
        {
            Require(
                options.ModelPath is null, nameof(options.ModelPath), options.ModelPath, $"must be absent where {nameof(options.ModelName)} is given");
            Require(
                IsModel(options.ModelName),
                nameof(options.ModelName),
                options.ModelName,
                "must be a model's name, such as instruct-2507, thinking-2507:Q8_0 or hf:owner/name:Q4_K_M");
            failures.AddRange(options.Hub.Failures().Select(failure => $"{nameof(options.Hub)}: {failure}"));
        }

        Require(options.UnloadAfter is null || options.UnloadAfter > TimeSpan.Zero, nameof(options.UnloadAfter), options.UnloadAfter, "must be a positive time, or absent to keep the model");
        Require(options.Variant is null || Enum.IsDefined(options.Variant.Value), nameof(options.Variant), options.Variant, "must be Instruct, Thinking or Hybrid, or absent to be read off the model");
        Require(options.Engine.ContextSize is not < 1, $"{nameof(options.Engine)}:{nameof(InferenceEngineOptions.ContextSize)}", options.Engine.ContextSize, "must be 1 token or more");
        Require(options.Engine.Threads is null or (>= 1 and <= InferenceEngineOptions.ThreadLimit), $"{nameof(options.Engine)}:{nameof(InferenceEngineOptions.Threads)}", options.Engine.Threads, $"must be from 1 to {InferenceEngineOptions.ThreadLimit}");
        Require(options.Engine.BatchSize >= 1, $"{nameof(options.Engine)}:{nameof(InferenceEngineOptions.BatchSize)}", options.Engine.BatchSize, "must be 1 token or more");
        Require(
            options.Engine.MaxParallelRequests is >= 1 and <= InferenceEngineOptions.ParallelRequestLimit,
            $"{nameof(options.Engine)}:{nameof(InferenceEngineOptions.MaxParallelRequests)}",
            options.Engine.MaxParallelRequests,
            $"must be from 1 to {InferenceEngineOptions.ParallelRequestLimit}");
        Require(
            Enum.IsDefined(options.Engine.KeyValueCacheType),
            $"{nameof(options.Engine)}:{nameof(InferenceEngineOptions.KeyValueCacheType)}",
            options.Engine.KeyValueCacheType,
            "must be F16, Q8_0 or Q4_0");
        Require(options.Engine.MaxQueuedRequests >= 1, $"{nameof(options.Engine)}:{nameof(InferenceEngineOptions.MaxQueuedRequests)}", options.Engine.MaxQueuedRequests, "must be 1 or more");
        Require(options.Model.GpuLayers is not < 0, $"{nameof(options.Model)}:{nameof(LlamaModelOptions.GpuLayers)}", options.Model.GpuLayers, "must be 0 (none) or more, or absent for all");
        ThinkingBudgets budgets = options.ThinkingBudgets;
        foreach ((string effort, int? budget) in (ReadOnlySpan<(string, int?)>)[
            (nameof(budgets.Low), budgets.Low), (nameof(budgets.Medium), budgets.Medium), (nameof(budgets.High), budgets.High), (nameof(budgets.ExtraHigh), budgets.ExtraHigh)])
        {
            Require(budget is not < 0, $"{nameof(options.ThinkingBudgets)}:{effort}", budget, "must be 0 tokens (no thinking) or more, or absent for no limit");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Require(bool condition, string setting, object? value, string rule)
        {
            if (!condition)
            {
                failures.Add($"The setting {setting}{(string.IsNullOrEmpty(name) ? "" : $" of '{name}'")} is {(value is null or "" ? "missing" : $"'{value}'")}; it {rule}.");
            }
        }
    }

    private static bool IsModel(string name)
    {
        try
        {
            return !string.IsNullOrWhiteSpace(name) && Qwen3Models.Parse(name) is not null;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
