using System.Diagnostics;
using System.Text.Json;
using Microsoft.Agents.AI.Workflows;
using Qwen3.Agents;
using Qwen3.Chat;
using Qwen3.LlamaCpp;

namespace Qwen3.Benchmarks;

/// <summary>
/// Measures a plan of four steps that do not depend on each other: carried out at the same time against one after the other, from the first step's
/// start to the last one's end, each time on an engine with nothing in its cache. The best of several rounds counts.
/// </summary>
internal static class AgentsBenchmark
{
    private const int Steps = 4, Tokens = 48, Rounds = 3;

    public static async Task RunAsync(string path, string? jsonPath)
    {
        using LlamaModel model = LlamaModel.Load(path);
        Console.WriteLine($"{model.Name}, {model.Quantization}, {model.SizeInBytes / 1e9:0.00} GB, {Environment.ProcessorCount} processors");
        Console.WriteLine($"{Steps} steps of {Tokens} tokens each\n");
        double together = double.MaxValue, inSequence = double.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            inSequence = Math.Min(inSequence, await MeasureAsync(model, parallelSteps: 1));
            together = Math.Min(together, await MeasureAsync(model, parallelSteps: Steps));
        }

        Console.WriteLine($"one after the other {inSequence,8:0.00} s");
        Console.WriteLine($"at the same time    {together,8:0.00} s: {inSequence / together:0.00} times as fast");
        if (jsonPath is not null)
        {
            var results = new Dictionary<string, double>
            {
                ["inSequence"] = inSequence, ["together"] = together, ["parallelStepsRatio"] = inSequence / together,
            };
            await File.WriteAllTextAsync(jsonPath, JsonSerializer.Serialize(results, new JsonSerializerOptions { WriteIndented = true }));
        }
    }

    private static async Task<double> MeasureAsync(LlamaModel model, int parallelSteps)
    {
        await using var engine = new InferenceEngine(model, new() { ContextSize = 4096, MaxParallelRequests = Steps });
        using var chat = new Qwen3ChatClient(engine, new() { Variant = Qwen3Variant.Instruct });
        using var executor = new FixedLengthClient(chat, Tokens);
        PlanStep[] steps = [.. Enumerable.Range(1, Steps).Select(id => new PlanStep(id, $"Describe city number {id} in a few words.", []))];
        using var planner = new FixedPlanClient(new Plan("", [.. steps]));
        using var workflow = new Qwen3Workflow(planner, executor, new()
        {
            Limits = { MaxParallelSteps = parallelSteps },
            // Random weights may write anything, and nothing of it is to end a step.
            Prompts = { FailureMark = "" },
        });
        await using StreamingRun run = await workflow.RunStreamingAsync("Describe four cities.");
        long started = 0;
        int left = Steps;
        await foreach (WorkflowEvent happened in run.WatchStreamAsync())
        {
            switch (happened)
            {
                case StepStartedEvent { Step.Id: 1 }:
                    started = Stopwatch.GetTimestamp();
                    break;
                case StepDoneEvent when --left == 0:
                    return Stopwatch.GetElapsedTime(started).TotalSeconds;
                case StepFailedEvent failed:
                    throw new InvalidOperationException($"Step {failed.Step.Id} failed: {failed.Error}");
            }
        }

        throw new InvalidOperationException("The workflow ended before its steps.");
    }
}
