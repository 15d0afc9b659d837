using Qwen3.LlamaCpp;

namespace Qwen3.Cli.Commands;

/// <summary>Measures an engine: prompts alone, and answers to short prompts.</summary>
/// <param name="promptTokens">The length of each prompt.</param>
/// <param name="tokens">The length of each answer.</param>
/// <param name="repeat">The number of measurements; the median counts.</param>
/// <param name="threads">The number of threads; <see langword="null"/> for the default.</param>
internal sealed class Benchmark(int promptTokens, int tokens, int repeat, int? threads)
{
    // The seed of the next prompt. Prompts have no common prefix, which would be cached.
    private int _prompts;

    public int PromptTokens => promptTokens;

    public int Tokens => tokens;

    public int Threads => threads ?? InferenceEngineOptions.DefaultThreads;

    /// <summary>Measures a number of parallel requests.</summary>
    /// <exception cref="CommandException">The requests do not fit into the context of the model.</exception>
    public async Task<BenchReport.Run> RunAsync(LlamaModel model, int requests, CancellationToken cancellationToken)
    {
        // llama.cpp allocates its cache in blocks, and the last block of each request is not full.
        long contextSize = requests * (Math.Max(promptTokens, tokens) + 512L);
        if (contextSize > model.ContextLength)
        {
            throw new CommandException(
                $"{requests} requests of {promptTokens} and {tokens} tokens need a context of {contextSize}, and " +
                $"{model.Name} has " +
                $"{model.ContextLength}. Lower --parallel, --prompt-tokens or --tokens.",
                ExitCode.Usage);
        }

        var options = new InferenceEngineOptions
        {
            ContextSize = (int)contextSize,
            MaxParallelRequests = requests,
            Threads = threads,
        };
        using var engine = new InferenceEngine(model, options);
        // The first computation includes one-time setup.
        await MeasureAsync(engine, requests, 8, 2, cancellationToken);
        List<double> prompt = [], generation = [];
        for (int i = 0; i < repeat; i++)
        {
            prompt.Add(
                requests * promptTokens / await MeasureAsync(engine, requests, promptTokens, 1, cancellationToken));
            double start = await MeasureAsync(engine, requests, 8, 1, cancellationToken);
            double whole = await MeasureAsync(engine, requests, 8, tokens, cancellationToken);
            generation.Add(requests * (tokens - 1) / Math.Max(whole - start, 1e-6));
        }

        return new(requests, Median(prompt), Median(generation));
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    /// <summary>Returns the seconds in which a number of requests with different prompts were answered.</summary>
    private async Task<double> MeasureAsync(
        InferenceEngine engine, int requests, int promptLength, int length, CancellationToken cancellationToken)
    {
        TimeProvider time = TimeProvider.System;
        GenerationRequest[] prompts =
        [
            .. Enumerable.Range(0, requests).Select(
                _ => new GenerationRequest { Prompt = Prompt(promptLength), MaxTokens = length }),
        ];
        long start = time.GetTimestamp();
        await Task.WhenAll(prompts.Select(prompt => AnswerAsync(engine, prompt, cancellationToken)));
        return time.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task AnswerAsync(
        InferenceEngine engine, GenerationRequest request, CancellationToken cancellationToken)
    {
        await foreach (int token in engine.Generate(request, cancellationToken))
        {
            _ = token;
        }
    }

    // Ids of ordinary tokens; the text does not change the time.
    private int[] Prompt(int length)
    {
        var random = new Random(++_prompts);
        return [.. Enumerable.Range(0, length).Select(_ => random.Next(1_000, 100_000))];
    }
}

/// <summary>The output of <c>bench --json</c>.</summary>
/// <param name="Model">The name of the model.</param>
/// <param name="Quantization">The quantization.</param>
/// <param name="Threads">The number of threads.</param>
/// <param name="PromptTokens">The length of each prompt.</param>
/// <param name="GeneratedTokens">The length of each answer.</param>
/// <param name="Runs">A measurement for each number of parallel requests.</param>
internal sealed record BenchReport(
    string Model,
    string Quantization,
    int Threads,
    int PromptTokens,
    int GeneratedTokens,
    IReadOnlyList<BenchReport.Run> Runs)
{
    /// <param name="Requests">The number of parallel requests.</param>
    /// <param name="PromptSpeed">Prompt tokens per second over all requests.</param>
    /// <param name="GenerationSpeed">Generated tokens per second over all requests.</param>
    internal sealed record Run(int Requests, double PromptSpeed, double GenerationSpeed);
}
