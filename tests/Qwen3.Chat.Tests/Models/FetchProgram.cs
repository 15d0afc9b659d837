using System.Diagnostics;
using System.Runtime.CompilerServices;
using Qwen3.Chat.Models;

namespace Qwen3.Chat.Tests.Models;

/// <summary>Runs this test program as a process that only fetches a model, so that a test can kill it.</summary>
internal static class FetchProgram
{
    private const string Endpoint = "QWEN3_TESTS_FETCH_FROM", Folder = "QWEN3_TESTS_FETCH_TO";

    public static Process Start(Uri endpoint, string folder)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(FetchProgram).Assembly.Location])
        {
            RedirectStandardError = true,
        };
        start.Environment[Endpoint] = endpoint.AbsoluteUri;
        start.Environment[Folder] = folder;
        return Process.Start(start)!;
    }

    [ModuleInitializer]
    internal static void FetchIfAsked()
    {
        if (Environment.GetEnvironmentVariable(Endpoint) is { } endpoint)
        {
            using var fetcher = new ModelFetcher(
                new() { Endpoint = new(endpoint), CacheFolder = Environment.GetEnvironmentVariable(Folder), PartSize = 8 << 20 });
            fetcher.FetchAsync(Qwen3Models.Instruct2507).GetAwaiter().GetResult();
            Environment.Exit(0);
        }
    }
}
