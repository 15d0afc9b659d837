using System.Diagnostics;
using Qwen3.Chat.Models;

namespace Qwen3.Chat.Tests.Models;

/// <summary>Downloads of killed processes and of several processes in parallel.</summary>
public sealed class FetchProcessTests : HubTest
{
    private const int Length = 40_000_000;

    private readonly byte[] _content = SmallModel(Length);

    [Fact]
    public async Task A_download_of_a_killed_process_is_resumed()
    {
        Hub.Add(Repository, File4, _content);
        var never = new TaskCompletionSource();
        // The fifth part is asked for when one of the first four, of 8 MiB each, is there.
        var isStalled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Hub.Fault = request =>
        {
            if (request.IsContent && request.RangeStart >= 32 << 20)
            {
                isStalled.TrySetResult();
                return new() { Stall = (0, never.Task) };
            }

            return null;
        };
        using (Process first = FetchProgram.Start(Hub.Endpoint, CacheFolder))
        {
            await Task.WhenAny(isStalled.Task, first.WaitForExitAsync());
            Assert.False(first.HasExited, first.HasExited ? await first.StandardError.ReadToEndAsync() : "");
            first.Kill();
            await first.WaitForExitAsync();
        }

        AssertNothingIsThere();
        Hub.Fault = _ => null;
        long before = Hub.BytesSent;
        await SucceedsAsync(FetchProgram.Start(Hub.Endpoint, CacheFolder));
        never.SetResult();
        Assert.InRange(Hub.BytesSent - before, 1, Length - (8 << 20));
        Assert.Equal(
            _content, await File.ReadAllBytesAsync(new ModelFinder(Options).Find(Qwen3Models.Instruct2507)!.Path));
    }

    [Fact]
    public async Task One_of_several_processes_fetches_and_the_others_wait()
    {
        Hub.Add(Repository, File4, _content);
        Process[] processes = [FetchProgram.Start(Hub.Endpoint, CacheFolder),
            FetchProgram.Start(Hub.Endpoint, CacheFolder)];
        using var fetcher = new ModelFetcher(Options);
        FoundModel model = await fetcher.FetchAsync(Qwen3Models.Instruct2507);
        foreach (Process process in processes)
        {
            await SucceedsAsync(process);
        }

        Assert.Equal(Length, Hub.BytesSent);
        Assert.Equal(_content, await File.ReadAllBytesAsync(model.Path));
    }

    private static async Task SucceedsAsync(Process process)
    {
        using (process)
        {
            string errors = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            Assert.True(process.ExitCode == 0, errors);
        }
    }
}
