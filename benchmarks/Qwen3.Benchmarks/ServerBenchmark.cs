using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Qwen3.Benchmarks;

/// <summary>
/// Measures what the HTTP endpoint costs over the same client in this process, in turns, and loads it: every answer is compared with the one that the
/// client gave before, and an eighth of the streams is left in the middle. The server's callers run in this process too, on the same processors.
/// </summary>
internal static class ServerBenchmark
{
    private const int Streams = 64, Rounds = 5, RequestsInRound = 128;

    private static readonly string[] s_cities =
    [
        "Paris", "London", "Rome", "Berlin", "Madrid", "Hanoi", "Tokyo", "Osaka", "Seoul", "Beijing", "Sydney", "Boston", "Chicago", "Denver", "Oslo", "Vienna",
    ];

    public static async Task RunAsync(TimeSpan duration)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddQwen3Server();
        builder.Services.AddQwen3ChatClient(NanoModels.Instruct, options =>
        {
            // One thread does for a model this small; the other processor is the server's and its callers'.
            (options.LoadAtStart, options.Engine.Threads, options.Engine.MaxParallelRequests) = (true, 1, 16);
        });
        await using WebApplication app = builder.Build();
        app.MapQwen3();
        await app.StartAsync();
        var inProcess = new InProcessCaller(app.Services.GetRequiredService<IChatClient>());
        var expected = new Dictionary<string, string>();
        foreach (string city in s_cities)
        {
            expected[city] = (await inProcess.AskAsync(city, leaves: false)).Text;
        }

        await CompareAsync(inProcess, app.Urls.First());
        await LoadAsync(app.Urls.First(), expected, duration);
    }

    private static async Task CompareAsync(InProcessCaller inProcess, string address)
    {
        using var overHttp = new HttpCaller(address);
        double best = 0, bestServer = 0;
        for (int round = 0; round < Rounds; round++)
        {
            best = Math.Max(best, await SpeedAsync(inProcess));
            bestServer = Math.Max(bestServer, await SpeedAsync(overHttp));
            Console.WriteLine($"round {round + 1}: {best:0} tokens/s at best in the process, {bestServer:0} over HTTP");
        }

        Console.WriteLine(
            $"{Streams} streams at a time: {bestServer:0} tokens/s over HTTP against {best:0} in the process: {bestServer / best:0.000}");
    }

    private static async Task<double> SpeedAsync(ICaller caller)
    {
        int asked = 0;
        long tokens = 0;
        long started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Streams).Select(async _ =>
        {
            for (int i = Interlocked.Increment(ref asked); i <= RequestsInRound; i = Interlocked.Increment(ref asked))
            {
                Interlocked.Add(ref tokens, (await caller.AskAsync(s_cities[i % s_cities.Length], leaves: false)).Tokens);
            }
        }));
        return tokens / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task LoadAsync(string address, Dictionary<string, string> expected, TimeSpan duration)
    {
        int answered = 0, left = 0, wrong = 0, failed = 0;
        (long memory, int handles) = Resources();
        long started = Stopwatch.GetTimestamp();
        using var caller = new HttpCaller(address);
        await Task.WhenAll(Enumerable.Range(0, Streams).Select(async stream =>
        {
            var random = new Random(stream);
            while (Stopwatch.GetElapsedTime(started) < duration)
            {
                string city = s_cities[random.Next(s_cities.Length)];
                bool leaves = random.Next(8) == 0;
                try
                {
                    string text = (await caller.AskAsync(city, leaves)).Text;
                    Interlocked.Increment(ref leaves ? ref left : ref text == expected[city] ? ref answered : ref wrong);
                }
                catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException)
                {
                    Interlocked.Increment(ref failed);
                    Console.Error.WriteLine(e.Message);
                }
            }
        }));
        caller.Dispose();
        // The connections end on both sides a little later.
        (long memoryAfter, int handlesAfter) = Resources();
        for (int i = 0; i < 50 && handlesAfter > handles; i++)
        {
            await Task.Delay(100);
            (memoryAfter, handlesAfter) = Resources();
        }

        Console.WriteLine(
            $"{duration.TotalMinutes:0.#} minutes: {answered} answered as expected, {left} left in the middle, {wrong} otherwise, {failed} failed; " +
            $"resident set {(memoryAfter - memory) / 1e6:+0.0;-0.0} MB, handles {handlesAfter - handles:+0;-0;0}");
    }

    private static (long Memory, int Handles) Resources()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        return (process.WorkingSet64, process.HandleCount);
    }
}
