using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Qwen3.Chat;
using Qwen3.LlamaCpp;

namespace Qwen3.Benchmarks;

/// <summary>
/// Measures the engine against <see cref="BareLoop"/>, turn by turn in one process, and prints ratios. Of each figure the best of several
/// rounds counts: what else the machine does makes a round slower, never faster.
/// </summary>
internal static class EngineBenchmark
{
    private const int ContextSize = 8192, PromptLength = 256, Tokens = 48, Rounds = 3;
    private const int FirstTurn = 1500, NewTokens = 64, Prefix = 2000, Agents = 10;

    // As the model's card advises: the sampler's work is part of the comparison.
    private static readonly SamplingOptions s_sampling = new() { Temperature = 0.7f, TopP = 0.8f, TopK = 20, Seed = 1 };
    private static readonly Random s_random = new(1);

    public static async Task RunAsync(string path, string? jsonPath)
    {
        using LlamaModel model = LlamaModel.Load(path);
        var results = new Dictionary<string, double>();
        Console.WriteLine($"{model.Name}, {model.Quantization}, {model.SizeInBytes / 1e9:0.00} GB, {Environment.ProcessorCount} processors\n");

        (double promptBare, double promptEngine) = (0, 0);
        (double oneBare, double oneEngine, double oneChat) = (0, 0, 0);
        var parallel = new Dictionary<int, double>();
        double fourBare = 0;
        using (var bare = new BareLoop(model, ContextSize, sequences: 8))
        {
            for (int round = 0; round < Rounds; round++)
            {
                bare.Clear();
                promptBare = Math.Max(promptBare, PromptLength / bare.Prompt(RandomTokens(PromptLength)).TotalSeconds);
                promptEngine = Math.Max(promptEngine, await FreshAsync(async engine =>
                    PromptLength / (await GenerateAsync(engine, RandomTokens(PromptLength), 1)).PromptTime.TotalSeconds));

                oneBare = Math.Max(oneBare, Tokens / bare.Generate(s_sampling, 1, Tokens).TotalSeconds);
                oneEngine = Math.Max(oneEngine, await FreshAsync(async engine =>
                    Tokens / (await GenerateAsync(engine, RandomTokens(1), Tokens + 1)).GenerationTime.TotalSeconds));
                oneChat = Math.Max(oneChat, await FreshAsync(ChatSpeedAsync));

                fourBare = Math.Max(fourBare, 4 * Tokens / bare.Generate(s_sampling, 4, Tokens).TotalSeconds);
                foreach (int count in (int[])[2, 4, 8])
                {
                    parallel[count] = Math.Max(parallel.GetValueOrDefault(count), await FreshAsync(engine => ParallelSpeedAsync(engine, count)));
                }
            }

            results["bytesPerToken"] = await FreshAsync(AllocationsAsync);
        }

        // With nothing in the cache, as the bare loop: what others have left there takes a little time to pass over.
        async Task<double> FreshAsync(Func<InferenceEngine, Task<double>> measure)
        {
            await using InferenceEngine engine = Engine(model);
            await GenerateAsync(engine, [1], 1);
            return await measure(engine);
        }

        Row("prompt", promptEngine, promptBare, "tokens/s", results, "promptRatio");
        Row("generation", oneEngine, oneBare, "tokens/s", results, "generationRatio");
        Row("generation through Qwen3ChatClient", oneChat, oneBare, "tokens/s", results, "chatGenerationRatio");
        foreach (int count in (int[])[2, 4, 8])
        {
            Row($"{count} generations, sum, over one alone", parallel[count], oneEngine, "tokens/s", results, $"parallel{count}Ratio");
        }

        Row("4 generations, sum, over a bare batched loop", parallel[4], fourBare, "tokens/s", results, "parallel4VsBatchedRatio");
        await SecondTurnAsync(model, results);
        await SharedPrefixAsync(model, results);
        Console.WriteLine($"{"allocated on the managed heap",-46}{results["bytesPerToken"],10:0} bytes a token");
        if (jsonPath is not null)
        {
            await File.WriteAllTextAsync(jsonPath, JsonSerializer.Serialize(results, new JsonSerializerOptions { WriteIndented = true }));
        }
    }

    private static InferenceEngine Engine(LlamaModel model) => new(model, new() { ContextSize = Math.Min(ContextSize, model.ContextLength), MaxParallelRequests = 8 });

    private static void Row(string what, double engine, double bare, string unit, Dictionary<string, double> results, string name)
    {
        results[name] = engine / bare;
        Console.WriteLine($"{what,-46}{engine,10:0.00} {unit,-9} against {bare,8:0.00}: {engine / bare:0.000}");
    }

    private static int[] RandomTokens(int count) => [.. Enumerable.Range(0, count).Select(_ => s_random.Next(1000, 100_000))];

    private static async Task<GenerationResult> GenerateAsync(InferenceEngine engine, int[] prompt, int tokens)
    {
        Generation generation = engine.Generate(new() { Prompt = prompt, Sampling = s_sampling, MaxTokens = tokens });
        await foreach (int token in generation)
        {
        }

        return generation.Result;
    }

    private static async Task<double> ChatSpeedAsync(InferenceEngine engine)
    {
        using var client = new Qwen3ChatClient(engine, new() { Variant = Qwen3Variant.Instruct });
        // A forbidden end of turn keeps the answer at its length; the sampler's chain is one longer for it.
        var options = new ChatOptions { MaxOutputTokens = Tokens + 1, Seed = 1 };
        ChatResponseUpdate? last = null;
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync($"Question {s_random.Next()}", options))
        {
            last = update;
        }

        var result = (GenerationResult)last!.RawRepresentation!;
        return (result.GeneratedTokens - 1) / result.GenerationTime.TotalSeconds;
    }

    private static async Task<double> ParallelSpeedAsync(InferenceEngine engine, int count)
    {
        GenerationResult[] results = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => GenerateAsync(engine, RandomTokens(1), Tokens + 1)));
        return results.Sum(result => Tokens / result.GenerationTime.TotalSeconds);
    }

    private static async Task<double> AllocationsAsync(InferenceEngine engine)
    {
        const int Long = 256;
        await GenerateAsync(engine, RandomTokens(1), 16);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        await GenerateAsync(engine, RandomTokens(1), Long);
        return (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Long;
    }

    private static async Task SecondTurnAsync(LlamaModel model, Dictionary<string, double> results)
    {
        int[] conversation = RandomTokens(FirstTurn);
        double bare = double.MaxValue, cached = double.MaxValue;
        using (var loop = new BareLoop(model, ContextSize, sequences: 1))
        {
            loop.Prompt(conversation);
            for (int round = 0; round < Rounds; round++)
            {
                bare = Math.Min(bare, loop.Prompt(RandomTokens(NewTokens), FirstTurn).TotalSeconds);
                loop.RemoveFrom(FirstTurn);
            }
        }

        await using InferenceEngine engine = Engine(model);
        double first = (await GenerateAsync(engine, conversation, 1)).PromptTime.TotalSeconds;
        for (int round = 0; round < Rounds; round++)
        {
            // From the caller's side: rendering aside, until the first token is there.
            int[] prompt = [.. conversation, .. RandomTokens(NewTokens)];
            long started = Stopwatch.GetTimestamp();
            await GenerateAsync(engine, prompt, 1);
            cached = Math.Min(cached, Stopwatch.GetElapsedTime(started).TotalSeconds);
        }

        Row($"second turn of {FirstTurn:N0} tokens, first token", cached, bare, "s", results, "secondTurnRatio");
        Console.WriteLine($"{"the same without the prefix cache",-46}{first,10:0.00} s");
        results["secondTurnSpeedup"] = first / cached;
    }

    private static async Task SharedPrefixAsync(LlamaModel model, Dictionary<string, double> results)
    {
        await using InferenceEngine engine = Engine(model);
        int[] prefix = RandomTokens(Math.Min(Prefix, model.ContextLength / 3));
        const int Own = 20;
        GenerationResult[] agents = await Task.WhenAll(Enumerable.Range(0, Agents).Select(_ => GenerateAsync(engine, [.. prefix, .. RandomTokens(Own)], 8)));
        double computed = agents.Sum(result => result.PromptTokens - result.CachedTokens) - (Agents * Own);
        results["sharedPrefixTimesComputed"] = computed / prefix.Length;
        Console.WriteLine($"{$"{Agents} agents with one prefix of {prefix.Length:N0} tokens",-46}{computed / prefix.Length,10:0.00} times computed");
    }
}
