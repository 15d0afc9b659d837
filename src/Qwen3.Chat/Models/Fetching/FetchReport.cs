using Microsoft.Extensions.Logging;

namespace Qwen3.Chat.Models.Fetching;

/// <summary>Tells how far a model is fetched: the listener some times a second, the log in tenths.</summary>
internal sealed partial class FetchReport(string repository, long totalBytes, ModelHubOptions options, ILogger logger)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(200);

    private readonly Lock _lock = new();
    private string _file = "";
    private FetchState _state;
    private long _bytes, _lastReport;
    private int _tenths = -1;

    /// <summary>Begins with a file.</summary>
    public void Begin(string file)
    {
        lock (_lock)
        {
            _file = file;
        }
    }

    /// <summary>Tells of bytes that are there, or, with a negative number, that are not any more.</summary>
    public void Add(long bytes)
    {
        lock (_lock)
        {
            _bytes += bytes;
            Report(FetchState.Fetching);
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

            Report(state);
        }
    }

    private void Report(FetchState state)
    {
        int tenths = totalBytes == 0 ? 10 : (int)(_bytes * 10 / totalBytes);
        if (tenths != _tenths && state is FetchState.Fetching)
        {
            LogProgress(_file, repository, tenths * 10, totalBytes / 1e9);
            _tenths = tenths;
        }

        long now = options.TimeProvider.GetTimestamp();
        if (state != _state || _lastReport == 0 || _bytes == totalBytes || options.TimeProvider.GetElapsedTime(_lastReport, now) >= s_interval)
        {
            (_state, _lastReport) = (state, now);
            options.Progress?.Report(new(_file, state, _bytes, totalBytes));
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Fetching {File} of {Repository}: {Percent} % of {Gigabytes:0.00} GB")]
    private partial void LogProgress(string file, string repository, int percent, double gigabytes);

    [LoggerMessage(Level = LogLevel.Information, Message = "Waiting for another process that fetches {File} of {Repository}")]
    private partial void LogWaiting(string file, string repository);
}
