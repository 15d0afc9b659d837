using Qwen3.LlamaCpp;

namespace Qwen3.Cli.Commands;

/// <summary>Measures an engine: prompts alone, and answers to short prompts.</summary>
/// <param name="promptTokens">The length of each prompt.</param>
/// <param name="tokens">The length of each answer.</param>
/// <param name="repeat">How often; the median counts.</param>
/// <param name="threads">How many threads compute; <see langword="null"/> for the default.</param>
internal sealed class Benchmark(int promptTokens, int tokens, int repeat, int? threads)
{
    // Prompts that have nothing in common, or the cache would have what they share.
    private int _prompts;

    public int PromptTokens => promptTokens;

    public int Tokens => tokens;

    public int Threads => threads ?? Environment.ProcessorCount;

    /// <summary>Measures that many requests at a time.</summary>
    /// <exception cref="CommandException">They do not fit into the model's context.</exception>
    public async Task<BenchReport.Run> RunAsync(LlamaModel model, int requests, CancellationToken cancellationToken)
    {
        // llama.cpp hands out its cache in steps, and each request's last one is not full.
        long contextSize = requests * (Math.Max(promptTokens, tokens) + 512L);
        if (contextSize > model.ContextLength)
        {
            throw new CommandException(
                $"{requests} requests of {promptTokens} and {tokens} tokens need a context of {contextSize}, and {model.Name} has " +
                $"{model.ContextLength}. Ask for less of them.",
                ExitCode.Usage);
        }

        var options = new InferenceEngineOptions { ContextSize = (int)contextSize, MaxParallelRequests = requests, Threads = threads };
        using var engine = new InferenceEngine(model, options);
        // The first computation pays for what is set up once.
        await MeasureAsync(engine, requests, 8, 2, cancellationToken);
        List<double> prompt = [], generation = [];
        for (int i = 0; i < repeat; i++)
        {
            prompt.Add(requests * promptTokens / await MeasureAsync(engine, requests, promptTokens, 1, cancellationToken));
            double start = await MeasureAsync(engine, requests, 8, 1, cancellationToken);
            double whole = await MeasureAsync(engine, requests, 8, tokens, cancellationToken);
            generation.Add(requests * (tokens - 1) / Math.Max(whole - start, 1e-6));
        }

        return new(requests, Median(prompt), Median(generation));
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    /// <summary>The seconds in which so many requests with prompts of their own were answered.</summary>
    private async Task<double> MeasureAsync(InferenceEngine engine, int requests, int promptLength, int length, CancellationToken cancellationToken)
    {
        TimeProvider time = TimeProvider.System;
        GenerationRequest[] prompts =
            [.. Enumerable.Range(0, requests).Select(_ => new GenerationRequest { Prompt = Prompt(promptLength), MaxTokens = length })];
        long start = time.GetTimestamp();
        await Task.WhenAll(prompts.Select(prompt => AnswerAsync(engine, prompt, cancellationToken)));
        return time.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task AnswerAsync(InferenceEngine engine, GenerationRequest request, CancellationToken cancellationToken)
    {
        await foreach (int token in engine.Generate(request, cancellationToken))
        {
            _ = token;
        }
    }

    // Ids of ordinary tokens; what they say does not change how long they take.
    private int[] Prompt(int length)
    {
        var random = new Random(++_prompts);
        return [.. Enumerable.Range(0, length).Select(_ => random.Next(1_000, 100_000))];
    }
}
