using Microsoft.Extensions.Options;
using Qwen3.Chat.Models;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Hosting;

/// <summary>
/// Validates the options of registered clients before a model is loaded.
/// </summary>
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
                options.ModelPath is null,
                nameof(options.ModelPath),
                options.ModelPath,
                $"must be absent where {nameof(options.ModelName)} is given");
            Require(
                IsModel(options.ModelName),
                nameof(options.ModelName),
                options.ModelName,
                "must be a model's name, such as instruct-2507, thinking-2507:Q8_0 or hf:owner/name:Q4_K_M");
            failures.AddRange(options.Hub.Failures().Select(failure => $"{nameof(options.Hub)}: {failure}"));
        }

        Require(
            options.UnloadAfter is null || options.UnloadAfter > TimeSpan.Zero,
            nameof(options.UnloadAfter),
            options.UnloadAfter,
            "must be a positive time, or absent to keep the model");
        Require(
            options.Variant is null || Enum.IsDefined(options.Variant.Value),
            nameof(options.Variant),
            options.Variant,
            "must be Instruct, Thinking or Hybrid, or absent to be detected");
        InferenceEngineOptions engine = options.Engine;
        RequireEngine(
            engine.ContextSize is not < 1, nameof(engine.ContextSize), engine.ContextSize, "must be 1 token or more");
        RequireEngine(
            engine.Threads is null or (>= 1 and <= InferenceEngineOptions.ThreadLimit),
            nameof(engine.Threads),
            engine.Threads,
            $"must be from 1 to {InferenceEngineOptions.ThreadLimit}");
        RequireEngine(engine.BatchSize >= 1, nameof(engine.BatchSize), engine.BatchSize, "must be 1 token or more");
        RequireEngine(
            engine.MaxParallelRequests is >= 1 and <= InferenceEngineOptions.ParallelRequestLimit,
            nameof(engine.MaxParallelRequests),
            engine.MaxParallelRequests,
            $"must be from 1 to {InferenceEngineOptions.ParallelRequestLimit}");
        RequireEngine(
            Enum.IsDefined(engine.KeyValueCacheType),
            nameof(engine.KeyValueCacheType),
            engine.KeyValueCacheType,
            "must be F16, Q8_0 or Q4_0");
        RequireEngine(
            engine.MaxQueuedRequests >= 1,
            nameof(engine.MaxQueuedRequests),
            engine.MaxQueuedRequests,
            "must be 1 or more");
        Require(
            options.Model.GpuLayers is not < 0,
            $"{nameof(options.Model)}:{nameof(LlamaModelOptions.GpuLayers)}",
            options.Model.GpuLayers,
            "must be 0 (none) or more, or absent for all");
        ThinkingBudgets budgets = options.ThinkingBudgets;
        RequireBudget(nameof(budgets.Low), budgets.Low);
        RequireBudget(nameof(budgets.Medium), budgets.Medium);
        RequireBudget(nameof(budgets.High), budgets.High);
        RequireBudget(nameof(budgets.ExtraHigh), budgets.ExtraHigh);

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void RequireEngine(bool condition, string setting, object? value, string rule) =>
            Require(condition, $"{nameof(options.Engine)}:{setting}", value, rule);

        void RequireBudget(string effort, int? budget) => Require(
            budget is not < 0,
            $"{nameof(options.ThinkingBudgets)}:{effort}",
            budget,
            "must be 0 tokens (no thinking) or more, or absent for no limit");

        void Require(bool condition, string setting, object? value, string rule)
        {
            if (!condition)
            {
                string owner = string.IsNullOrEmpty(name) ? "" : $" of '{name}'";
                string found = value is null or "" ? "missing" : $"'{value}'";
                failures.Add($"The setting {setting}{owner} is {found}; it {rule}.");
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
