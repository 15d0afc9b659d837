using LLama;
using LLama.Common;
using LLama.Native;
using LLama.Sampling;

namespace Qwen3.LlamaCpp.Tests.Loading;

/// <summary>An application that uses LLamaSharp itself, beside the engine, in one process.</summary>
public sealed class SharedLibraryTests
{
    private static readonly int[] s_prompt = [100, 200, 300];

    [Fact]
    public async Task Weights_of_LLamaSharp_serve_the_engine_and_its_own_executor_at_the_same_time()
    {
        using var own = LlamaModel.Load(NanoModels.Instruct);
        List<int> expected = await RunAsync(own, s_prompt);
        string alone = await CompleteAsync(Parameters());

        var weights = LLamaWeights.LoadFromFile(Parameters());
        using var model = LlamaModel.FromWeights(weights, NanoModels.Instruct);
        Task<List<int>>[] answers = [.. Enumerable.Range(0, 3).Select(_ => RunAsync(model, s_prompt))];
        string beside = await CompleteAsync(Parameters(), weights);
        Assert.Equal(alone, beside);
        Assert.All(await Task.WhenAll(answers), answer => Assert.Equal(expected, answer));

        // Not owned: either side can let them go first.
        model.Dispose();
        Assert.Equal(alone, await CompleteAsync(Parameters(), weights));
        using var again = LlamaModel.FromWeights(weights, NanoModels.Instruct);
        await using var engine = new InferenceEngine(again);
        weights.Dispose();
        Assert.Equal(expected, await RunAsync(engine, s_prompt));
    }

    [Fact]
    public void Weights_that_are_disposed_are_refused()
    {
        var weights = LLamaWeights.LoadFromFile(Parameters());
        weights.Dispose();
        Assert.Throws<ObjectDisposedException>(() => LlamaModel.FromWeights(weights, NanoModels.Instruct));
    }

    [Fact]
    public void The_log_callback_of_the_application_still_gets_the_lines_of_its_own_calls()
    {
        LlamaLibrary.Load();
        var lines = new List<string>();
        NativeLogConfig.llama_log_set((_, text) =>
        {
            lock (lines)
            {
                lines.Add(text);
            }
        });
        try
        {
            using var model = LlamaModel.Load(NanoModels.Instruct);
            int before = Count();
            using var weights = LLamaWeights.LoadFromFile(Parameters());
            Assert.True(Count() > before);
        }
        finally
        {
            NativeLogConfig.llama_log_set((_, _) => { });
        }

        int Count()
        {
            lock (lines)
            {
                return lines.Count;
            }
        }
    }

    private static ModelParams Parameters() => new(NanoModels.Instruct) { ContextSize = 256, Threads = 1, BatchThreads = 1 };

    private static async Task<string> CompleteAsync(ModelParams parameters, LLamaWeights? weights = null)
    {
        LLamaWeights used = weights ?? LLamaWeights.LoadFromFile(parameters);
        var executor = new StatelessExecutor(used, parameters);
        var text = new System.Text.StringBuilder();
        var inference = new InferenceParams { MaxTokens = 8, SamplingPipeline = new GreedySamplingPipeline() };
        await foreach (string piece in executor.InferAsync("Hello", inference))
        {
            text.Append(piece);
        }

        if (weights is null)
        {
            used.Dispose();
        }

        return text.ToString();
    }

    private static async Task<List<int>> RunAsync(LlamaModel model, int[] prompt)
    {
        await using var engine = new InferenceEngine(model, new() { ContextSize = 512, Threads = 1 });
        return await RunAsync(engine, prompt);
    }

    private static async Task<List<int>> RunAsync(InferenceEngine engine, int[] prompt)
    {
        var answer = new List<int>();
        await foreach (int token in engine.Generate(new() { Prompt = prompt, Sampling = new() { Temperature = 0 }, MaxTokens = 16 }))
        {
            answer.Add(token);
        }

        return answer;
    }
}
