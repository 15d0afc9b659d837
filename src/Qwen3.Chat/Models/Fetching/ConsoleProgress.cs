using System.Globalization;

namespace Qwen3.Chat.Models;

/// <summary>
/// Reports a download on standard error, for programs without a logger: first what is fetched and where it goes, then
/// the progress, on a terminal in a line that is updated, otherwise in a line for every 10 %.
/// </summary>
internal sealed class ConsoleProgress(TextWriter writer, bool isTerminal, string host, string folder, int attempts)
    : IProgress<FetchProgress>
{
    private bool _isAnnounced, _hasLine;
    private int _tenths;
    private FetchState _state = FetchState.Done;
    private int _retries;

    public void Report(FetchProgress value)
    {
        bool isNew = value.State != _state || value.Retries != _retries;
        (_state, _retries) = (value.State, value.Retries);
        if (value.State is FetchState.Fetching && value.Bytes < value.TotalBytes && !_isAnnounced)
        {
            _isAnnounced = true;
            _tenths = (int)(value.Bytes * 10 / value.TotalBytes);
            WriteLine(
                $"Fetching {value.File} ({Gigabytes(value.TotalBytes)}) from {host} to {folder}. This happens " +
                "once; later runs use the file.");
        }

        string? text = value.State switch
        {
            FetchState.Connecting when value.Retries > 0 && isNew =>
                $"{host} does not answer. Attempt {value.Retries + 1} of {attempts} follows.",
            FetchState.Waiting when isNew => $"Waiting for another process that fetches {value.File}.",
            FetchState.Fetching when _isAnnounced && value.Retries > 0 && isNew =>
                $"The connection was lost. Attempt {value.Retries + 1} of {attempts} follows.",
            FetchState.Fetching when _isAnnounced => Progress(value),
            FetchState.Verifying when isNew && value.TotalBytes > 0 => $"Verifying {value.File}.",
            _ => null,
        };
        if (value.State is FetchState.Done && _isAnnounced)
        {
            WriteLine($"{value.File} is complete and verified.");
        }
        else if (text is not null)
        {
            Update(text);
        }
    }

    private string? Progress(FetchProgress value)
    {
        int tenths = (int)(value.Bytes * 10 / value.TotalBytes);
        if (!isTerminal && tenths == _tenths)
        {
            return null;
        }

        _tenths = tenths;
        string speed = value.BytesPerSecond is { } bytes
            ? string.Create(CultureInfo.InvariantCulture, $", {bytes / 1e6:0.0} MB/s")
            : "";
        string left = value.Remaining is { } time && time < TimeSpan.FromDays(1) ? $", {time:hh\\:mm\\:ss} left" : "";
        return $"{value.Bytes * 100 / value.TotalBytes} % of {Gigabytes(value.TotalBytes)}{speed}{left}";
    }

    private void Update(string text)
    {
        if (isTerminal)
        {
            // Erases the rest of a longer line before.
            writer.Write($"\r{text}\e[K");
            _hasLine = true;
        }
        else
        {
            writer.WriteLine(text);
        }
    }

    private void WriteLine(string text)
    {
        writer.WriteLine(_hasLine ? $"\r{text}\e[K" : text);
        _hasLine = false;
    }

    private static string Gigabytes(long bytes) =>
        string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.00} GB");
}
