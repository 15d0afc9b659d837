using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Qwen3.LlamaCpp;

namespace Qwen3.Benchmarks;

/// <summary>
/// Measures generation beside 0, 1 and 2 other processes that keep a processor busy, with libgomp's default spinning and with
/// the short spin that this project sets, in turns. Each run is a process of its own, because libgomp reads its settings once.
/// </summary>
internal static class ContentionBenchmark
{
    private const int Tokens = 48, Rounds = 2;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    public static async Task RunAsync(string model, string? jsonPath)
    {
        Console.WriteLine($"{Path.GetFileName(model)}, {Environment.ProcessorCount} processors; tokens/s of one generation, best of {Rounds}\n");
        Console.WriteLine($"{"busy processes",-16}{"default spin",14}{"short spin",14}{"ratio",10}");
        var results = new Dictionary<string, double>();
        for (int busy = 0; busy <= 2; busy++)
        {
            double spinning = 0, brief = 0;
            Process[] others = [.. Enumerable.Range(0, busy).Select(_ => Start("busy"))];
            try
            {
                for (int round = 0; round < Rounds; round++)
                {
                    spinning = Math.Max(spinning, await MeasureAsync(model, "default"));
                    brief = Math.Max(brief, await MeasureAsync(model, "short"));
                }
            }
            finally
            {
                foreach (Process other in others)
                {
                    other.Kill();
                    other.Dispose();
                }
            }

            results[$"contention{busy}Ratio"] = brief / spinning;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{busy,-16}{spinning,14:0.00}{brief,14:0.00}{brief / spinning,10:0.00}"));
        }

        if (jsonPath is not null)
        {
            await File.WriteAllTextAsync(jsonPath, JsonSerializer.Serialize(results));
        }
    }

    /// <summary>One run: prints the tokens a second, or those of the part that was done in the time limit.</summary>
    public static async Task MeasureHereAsync(string path, string spin)
    {
        if (spin == "default")
        {
            // Loaded before the first model, libgomp keeps its own default.
            NativeLibrary.Load("libgomp.so.1");
        }

        using var model = LlamaModel.Load(path);
        await using var engine = new InferenceEngine(model, new() { ContextSize = 512 });
        using var limit = new CancellationTokenSource(s_limit);
        Generation generation = engine.Generate(
            new() { Prompt = [1000, 2000], Sampling = new() { Temperature = 0.7f, TopP = 0.8f, TopK = 20, Seed = 1 }, MaxTokens = Tokens + 1 },
            limit.Token);
        int count = 0;
        long first = 0;
        try
        {
            await foreach (int _ in generation)
            {
                first = count++ == 0 ? Stopwatch.GetTimestamp() : first;
            }
        }
        catch (OperationCanceledException)
        {
            // What came until then counts.
        }

        double seconds = first == 0 ? s_limit.TotalSeconds : Stopwatch.GetElapsedTime(first).TotalSeconds;
        Console.WriteLine((Math.Max(0.5, count - 1) / seconds).ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Keeps a processor busy until the process is ended, for a quarter of an hour at most.</summary>
    public static void Spin()
    {
        long started = Stopwatch.GetTimestamp();
        double sum = 0;
        while (Stopwatch.GetElapsedTime(started) < TimeSpan.FromMinutes(15))
        {
            for (int i = 1; i < 10_000_000; i++)
            {
                sum += 1.0 / i;
            }
        }

        Console.WriteLine(sum);
    }

    private static async Task<double> MeasureAsync(string model, string spin)
    {
        using Process process = Start("contention-run", model, spin);
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 && double.TryParse(output.Trim(), CultureInfo.InvariantCulture, out double speed)
            ? speed
            : throw new InvalidOperationException($"A run ended with exit code {process.ExitCode}: {output}");
    }

    private static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        foreach (string argument in Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal)
            ? [typeof(ContentionBenchmark).Assembly.Location, .. arguments]
            : arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }
}
