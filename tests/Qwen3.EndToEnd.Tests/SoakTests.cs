using System.Diagnostics;
using Qwen3.LlamaCpp;

namespace Qwen3.EndToEnd.Tests;

/// <summary>Minutes of load, built in with <c>-p:Soak=true</c> only.</summary>
public sealed class SoakTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Ten_thousand_requests_some_of_them_cancelled_leave_memory_and_handles_as_they_were()
    {
        const int Seed = 5, Requests = 10_000, Parallel = 8;
        const long MemoryBound = 32L << 20;
        const int HandleBound = 8;
        var random = new Random(Seed);
        using LlamaModel model = LlamaModel.Load(NanoModels.Instruct);
        await using var engine = new InferenceEngine(model, new() { ContextSize = 1024 });
        (long memory, int handles) before = default;
        var clock = Stopwatch.StartNew();
        for (int done = 0; done < Requests + (Requests / 10); done += Parallel)
        {
            if (done >= Requests / 10 && before == default)
            {
                before = Measure();
            }

            await Task.WhenAll(Enumerable.Range(0, Parallel).Select(_ => RunAsync(engine, random.Next(1000, 2000), random.Next(1, 60), random.Next(1, 12), random.Next(4) == 0)));
        }

        (long memory, int handles) = Measure();
        output.WriteLine($"{Requests} requests in {clock.Elapsed}: resident set {(memory - before.memory) / (double)(1 << 20):+0.0;-0.0} MiB, handles {handles - before.handles:+0;-0;0}");
        Assert.True(memory - before.memory < MemoryBound, $"seed {Seed}: the resident set grew by {(memory - before.memory) >> 20} MiB");
        Assert.True(handles - before.handles < HandleBound, $"seed {Seed}: {handles - before.handles} handles more");
    }

    private static async Task RunAsync(InferenceEngine engine, int first, int length, int tokens, bool cancels)
    {
        using var cancellation = new CancellationTokenSource();
        try
        {
            await foreach (int token in engine.Generate(new() { Prompt = [.. Enumerable.Range(first, length)], MaxTokens = tokens }, cancellation.Token))
            {
                if (cancels)
                {
                    await cancellation.CancelAsync();
                }
            }
        }
        catch (OperationCanceledException) when (cancels)
        {
            // As it was told.
        }
    }

    private static (long Memory, int Handles) Measure()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        return (process.WorkingSet64, OperatingSystem.IsLinux() ? Directory.EnumerateFiles("/proc/self/fd").Count() : process.HandleCount);
    }
}
