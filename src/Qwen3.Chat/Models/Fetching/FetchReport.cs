using Microsoft.Extensions.Logging;

namespace Qwen3.Chat.Models;

/// <summary>
/// Reports the progress of a download: to the sink a few times a second, to the log in steps of 10 %.
/// </summary>
internal sealed partial class FetchReport(
    string repository, IProgress<FetchProgress>? sink, TimeProvider timeProvider, ILogger logger)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_shortestRun = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private string _file = "";
    private FetchState _state = FetchState.Done;
    private long _total, _bytes, _received, _lastReport;
    private long? _start;
    private int _retries, _percent = -1;

    /// <summary>Starts the report of a model whose size is known now.</summary>
    public void Start(long totalBytes)
    {
        lock (_lock)
        {
            _total = totalBytes;
            _retries = 0;
        }
    }

    /// <summary>Starts the report of a file.</summary>
    public void Begin(string file)
    {
        lock (_lock)
        {
            _file = file;
        }
    }

    /// <summary>Adds bytes that are on this machine from earlier. A negative number removes bytes.</summary>
    public void Add(long bytes)
    {
        lock (_lock)
        {
            _bytes += bytes;
            Report(FetchState.Fetching);
        }
    }

    /// <summary>Adds bytes that were received.</summary>
    public void Receive(long bytes)
    {
        lock (_lock)
        {
            (_bytes, _received, _retries) = (_bytes + bytes, _received + bytes, 0);
            Report(FetchState.Fetching);
        }
    }

    /// <summary>Reports that an attempt failed and another one follows.</summary>
    public void Retry(int failures)
    {
        lock (_lock)
        {
            _retries = failures;
            _lastReport = 0;
            Report(_state is FetchState.Connecting ? _state : FetchState.Fetching);
        }
    }

    public void Enter(FetchState state)
    {
        lock (_lock)
        {
            if (state == FetchState.Waiting && _state != state)
            {
                LogWaiting(_file, repository);
            }

            if (state == FetchState.Fetching)
            {
                // Time before the first request does not count in the speed.
                _start ??= timeProvider.GetTimestamp();
            }

            Report(state);
        }
    }

    private void Report(FetchState state)
    {
        int percent = _total == 0 ? 0 : (int)((Int128)_bytes * 10 / _total) * 10;
        if (percent != _percent && state is FetchState.Fetching)
        {
            LogProgress(_file, repository, percent, _total / 1e9);
            _percent = percent;
        }

        long now = timeProvider.GetTimestamp();
        if (state != _state || _lastReport == 0 || _bytes == _total
            || timeProvider.GetElapsedTime(_lastReport, now) >= s_interval)
        {
            (_state, _lastReport) = (state, now);
            sink?.Report(new(_file, state, _bytes, _total) { BytesPerSecond = Speed(state, now), Retries = _retries });
        }
    }

    private double? Speed(FetchState state, long now) =>
        state == FetchState.Fetching && _received > 0 && _start is { } start
            && timeProvider.GetElapsedTime(start, now) is var run && run >= s_shortestRun
            ? _received / run.TotalSeconds
            : null;

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Fetching {File} of {Repository}: {Percent} % of {Gigabytes:0.00} GB")]
    private partial void LogProgress(string file, string repository, int percent, double gigabytes);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Waiting for another process that fetches {File} of {Repository}")]
    private partial void LogWaiting(string file, string repository);
}
