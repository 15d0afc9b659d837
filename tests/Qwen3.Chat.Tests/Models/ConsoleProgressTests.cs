using Microsoft.Extensions.DependencyInjection;
using Qwen3.Chat.Models;

namespace Qwen3.Chat.Tests.Models;

/// <summary>The first download of a model is visible where no logger is set up.</summary>
public sealed class ConsoleProgressTests : HubTest
{
    private const long Gigabyte = 1_000_000_000;

    private readonly StringWriter _output = new();

    [Fact]
    public void On_a_terminal_the_download_is_announced_once_and_then_a_line_is_updated()
    {
        ConsoleProgress progress = Create(isTerminal: true);
        progress.Report(new("", FetchState.Connecting, 0, 0));
        progress.Report(new("m.gguf", FetchState.Fetching, 0, 2 * Gigabyte));
        progress.Report(new("m.gguf", FetchState.Fetching, Gigabyte / 2, 2 * Gigabyte) { BytesPerSecond = 10_000_000 });
        progress.Report(new("m.gguf", FetchState.Fetching, Gigabyte, 2 * Gigabyte) { BytesPerSecond = 10_000_000 });
        progress.Report(new("m.gguf", FetchState.Done, 2 * Gigabyte, 2 * Gigabyte));
        string text = _output.ToString();
        Assert.StartsWith("Fetching m.gguf (2.00 GB) from hub.example to /cache.", text);
        Assert.Contains("\r25 % of 2.00 GB, 10.0 MB/s, 00:02:30 left\e[K", text);
        Assert.Contains("\r50 % of 2.00 GB, 10.0 MB/s, 00:01:40 left\e[K", text);
        Assert.Equal(2, text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("complete and verified", text);
    }

    [Fact]
    public void A_redirected_output_gets_a_line_for_every_tenth()
    {
        ConsoleProgress progress = Create(isTerminal: false);
        for (int i = 0; i <= 1000; i++)
        {
            progress.Report(new("m.gguf", FetchState.Fetching, i * Gigabyte / 1000, Gigabyte));
        }

        progress.Report(new("m.gguf", FetchState.Done, Gigabyte, Gigabyte));
        string[] lines = _output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(12, lines.Length);
        Assert.Equal("10 % of 1.00 GB", lines[1]);
        Assert.DoesNotContain('\e', _output.ToString());
    }

    [Fact]
    public void Failed_attempts_are_counted()
    {
        ConsoleProgress progress = Create(isTerminal: false);
        progress.Report(new("", FetchState.Connecting, 0, 0));
        Assert.Empty(_output.ToString());
        progress.Report(new("", FetchState.Connecting, 0, 0) { Retries = 1 });
        progress.Report(new("", FetchState.Connecting, 0, 0) { Retries = 2 });
        Assert.Equal(
            ["hub.example does not answer. Attempt 2 of 6 follows.", "hub.example does not answer. Attempt 3 of 6 follows."],
            _output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void A_model_in_the_cache_is_not_announced()
    {
        ConsoleProgress progress = Create(isTerminal: false);
        progress.Report(new("", FetchState.Connecting, 0, 0));
        progress.Report(new("m.gguf", FetchState.Fetching, Gigabyte, Gigabyte));
        progress.Report(new("m.gguf", FetchState.Done, Gigabyte, Gigabyte));
        Assert.Empty(_output.ToString());
    }

    [Theory]
    [InlineData(true, false, false, true)]
    [InlineData(false, false, false, false)]
    [InlineData(true, true, false, false)]
    [InlineData(true, false, true, false)]
    public async Task The_console_is_used_only_where_nothing_else_reports(
        bool isOn, bool hasLogger, bool hasSink, bool isReported)
    {
        Hub.Add(Repository, File4, SmallModel(200_000));
        ModelHubOptions options = Options;
        options.ConsoleProgress = isOn;
        options.Console = _output;
        options.LoggerFactory = hasLogger ? LogLines.To([]) : null;
        options.Progress = hasSink ? new Progress<FetchProgress>() : null;
        using var fetcher = new ModelFetcher(options);
        await fetcher.FetchAsync(Qwen3Models.Instruct2507);
        Assert.Equal(isReported, _output.ToString().Contains($"Fetching {File4}", StringComparison.Ordinal));
        Assert.Equal(isReported, _output.ToString().Contains(CacheFolder, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_registered_model_reports_its_first_download_where_no_logger_is_set_up()
    {
        Hub.Add(Repository, File4, await File.ReadAllBytesAsync(NanoModels.Instruct));
        var services = new ServiceCollection();
        services.AddQwen3ChatClient(Qwen3Models.Instruct2507, options =>
        {
            options.Hub = Options;
            options.Hub.ConsoleProgress = true;
            options.Hub.Console = _output;
            options.Engine.Threads = 1;
        });
        await using ServiceProvider provider = services.BuildServiceProvider();
        await provider.GetRequiredService<Qwen3ChatClient>().LoadModelAsync(CancellationToken.None);
        Assert.Contains($"Fetching {File4} (0.03 GB) from 127.0.0.1 to {CacheFolder}.", _output.ToString());
        Assert.Contains("complete and verified", _output.ToString());
    }

    [Fact]
    public async Task A_resumed_download_reports_the_speed_of_this_run()
    {
        const int Length = 1_000_000;
        Hub.Add(Repository, File4, SmallModel(Length));
        Hub.Fault = request => request.IsContent && request.RangeStart >= 900_000 ? new() { Status = 404 } : null;
        await Assert.ThrowsAnyAsync<ModelFetchException>(() => FetchAsync([], connections: 1));
        Hub.Fault = _ => null;
        var reports = new List<FetchProgress>();
        await FetchAsync(reports, connections: 1);
        FetchProgress[] timed = [.. reports.Where(report => report.BytesPerSecond is not null)];
        Assert.NotEmpty(timed);
        // A second passes with each look at the clock, so that no speed can reach the bytes of this run.
        Assert.All(timed, report => Assert.InRange(report.BytesPerSecond!.Value, 1, 150_000));
    }

    private async Task FetchAsync(List<FetchProgress> reports, int connections)
    {
        ModelHubOptions options = Options;
        options.TimeProvider = new HurriedTime();
        options.Timeout = TimeSpan.FromMinutes(50);
        options.Connections = connections;
        options.Progress = new Sink(reports);
        using var fetcher = new ModelFetcher(options);
        await fetcher.FetchAsync(Qwen3Models.Instruct2507);
    }

    private ConsoleProgress Create(bool isTerminal) => new(_output, isTerminal, "hub.example", "/cache", attempts: 6);

    private sealed class Sink(List<FetchProgress> reports) : IProgress<FetchProgress>
    {
        public void Report(FetchProgress value) => reports.Add(value);
    }
}
