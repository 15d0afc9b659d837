using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Qwen3.Chat.Models;
using Qwen3.Tests;

namespace Qwen3.Benchmarks;

/// <summary>
/// Fetches a file from a hub on this machine, a process of its own, and compares with <c>curl | sha256sum</c>, which neither writes the file nor
/// fetches in parts.
/// </summary>
internal static class FetchBenchmark
{
    private const int Rounds = 3, BlockSize = 1 << 20;
    private const string Repository = "some/repository", File = "model-Q8_0.gguf";

    /// <summary>Serves the file until the input ends.</summary>
    public static async Task ServeAsync(long size)
    {
        byte[] block = new byte[BlockSize];
        new Random(1).NextBytes(block);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (long i = 0; i < size; i += BlockSize)
        {
            hash.AppendData(block);
        }

        await using LoopbackHub hub = await LoopbackHub.StartAsync();
        string checksum = hub.Add(Repository, File, new HubContent(block, size, Convert.ToHexStringLower(hash.GetHashAndReset())));
        Console.WriteLine($"{hub.Endpoint} {checksum}");
        await Console.In.ReadToEndAsync();
    }

    public static async Task RunAsync(int mebibytes)
    {
        long size = (long)mebibytes << 20;
        using Process server = Start(Environment.ProcessPath!, "fetch-serve", size.ToString(CultureInfo.InvariantCulture));
        string[] line = (await server.StandardOutput.ReadLineAsync())!.Split(' ');
        var endpoint = new Uri(line[0]);
        string folder = Directory.CreateTempSubdirectory("qwen3-benchmark-").FullName;
        try
        {
            double bestFetch = double.MaxValue, bestCurl = double.MaxValue;
            long memory = 0;
            for (int round = 0; round < Rounds; round++)
            {
                (double seconds, long peak) = await FetchAsync(endpoint, Path.Combine(folder, $"{round}"));
                (bestFetch, memory) = (Math.Min(bestFetch, seconds), Math.Max(memory, peak));
                bestCurl = Math.Min(bestCurl, await CurlAsync(endpoint, line[1]));
                Directory.Delete(Path.Combine(folder, $"{round}"), recursive: true);
            }

            Console.WriteLine($"{mebibytes} MiB, the best of {Rounds} rounds each:");
            Console.WriteLine($"  ModelFetcher      {mebibytes / bestFetch,8:0} MiB/s, written and verified");
            Console.WriteLine($"  curl | sha256sum  {mebibytes / bestCurl,8:0} MiB/s");
            Console.WriteLine($"  ratio             {bestCurl / bestFetch,8:0.00}");
            Console.WriteLine($"  peak of the resident set while fetching, over that before: {memory / 1048576.0:0.0} MiB");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
            server.StandardInput.Close();
            await server.WaitForExitAsync();
        }
    }

    private static async Task<(double Seconds, long Peak)> FetchAsync(Uri endpoint, string folder)
    {
        GC.Collect();
        long before = Environment.WorkingSet, peak = 0;
        using var stop = new CancellationTokenSource();
        Task watch = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                peak = Math.Max(peak, Environment.WorkingSet - before);
                await Task.Delay(5);
            }
        });
        var watchTime = Stopwatch.StartNew();
        using (var fetcher = new ModelFetcher(new() { Endpoint = endpoint, CacheFolder = folder }))
        {
            try
            {
                await fetcher.FetchAsync(Qwen3Models.Parse($"hf:{Repository}"));
            }
            catch (LlamaCpp.ModelFileException)
            {
                // It is whole and verified then, and noise, which is no model.
            }
        }

        double seconds = watchTime.Elapsed.TotalSeconds;
        await stop.CancelAsync();
        await watch;
        return (seconds, peak);
    }

    private static async Task<double> CurlAsync(Uri endpoint, string checksum)
    {
        var watch = Stopwatch.StartNew();
        using Process curl = Start("sh", "-c", $"curl -sL {endpoint}{Repository}/resolve/{LoopbackHub.Commit}/{File} | sha256sum");
        string output = await curl.StandardOutput.ReadToEndAsync();
        await curl.WaitForExitAsync();
        double seconds = watch.Elapsed.TotalSeconds;
        return output.StartsWith(checksum, StringComparison.Ordinal)
            ? seconds
            : throw new IOException($"curl | sha256sum gave '{output}' where {checksum} was to come.");
    }

    private static Process Start(string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardInput = true })!;
}
