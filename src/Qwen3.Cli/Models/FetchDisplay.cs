using System.Globalization;
using Qwen3.Chat.Models;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Qwen3.Cli.Models;

/// <summary>
/// Shows the progress of a download on standard error: on a terminal as a bar, otherwise as a line for every change of
/// the activity and every 10 %.
/// </summary>
internal sealed class FetchDisplay(Terminal terminal, string name, int attempts) : IProgress<FetchProgress>
{
    private readonly Lock _lock = new();
    private ProgressTask? _task;
    private FetchProgress _last;
    private string _activity = "";

    /// <summary>Runs a download while its progress is shown.</summary>
    public async Task<T> ShowAsync<T>(Func<Task<T>> fetch)
    {
        if (!terminal.ErrorTables.Profile.Capabilities.Ansi)
        {
            return await fetch();
        }

        return await terminal.ErrorTables.Progress()
            .AutoClear(true)
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn { Width = 20 },
                new PercentageColumn(),
                new DownloadedColumn(),
                new RunColumn(() => _last))
            .StartAsync(async context =>
            {
                _task = context.AddTask("Connecting", maxValue: 1);
                _task.IsIndeterminate = true;
                return await fetch();
            });
    }

    public void Report(FetchProgress value)
    {
        lock (_lock)
        {
            _last = value;
            string activity = Activity(value);
            if (_task is { } task)
            {
                task.Description = terminal.ErrorCell(activity);
                task.IsIndeterminate = value.State is FetchState.Connecting or FetchState.Waiting;
                task.MaxValue = Math.Max(1, value.TotalBytes);
                task.Value = value.Bytes;
            }
            else
            {
                WriteLine(activity, value);
            }
        }
    }

    private string Activity(FetchProgress value)
    {
        string activity = value.State switch
        {
            FetchState.Connecting => "Connecting",
            FetchState.Waiting => "Waiting for another process",
            FetchState.Verifying => "Verifying",
            FetchState.Done => "Done",
            _ => "Fetching",
        };
        return value.Retries > 0 ? $"{activity}, attempt {value.Retries + 1} of {attempts}" : activity;
    }

    private void WriteLine(string activity, FetchProgress value)
    {
        if (value.State == FetchState.Fetching && value.Retries == 0 && value.TotalBytes > 0)
        {
            long percent = value.Bytes * 10 / value.TotalBytes * 10;
            activity = $"{activity} {value.File}: {percent} % of {ByteSize.Text(value.TotalBytes)}";
        }

        if (activity != _activity)
        {
            _activity = activity;
            terminal.WriteErrorNote($"{name}: {activity}");
        }
    }

    /// <summary>
    /// The speed of this run and the remaining time. Those of the library of the bar count bytes of earlier runs.
    /// </summary>
    private sealed class RunColumn(Func<FetchProgress> progress) : ProgressColumn
    {
        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime)
        {
            FetchProgress value = progress();
            string speed = value.BytesPerSecond is { } bytes ? $"{ByteSize.Text((long)bytes)}/s" : "";
            string left = value.Remaining is { } time && time < TimeSpan.FromDays(1)
                ? $" {time.ToString(@"hh\:mm\:ss", CultureInfo.InvariantCulture)} left"
                : "";
            return new Text(speed + left);
        }
    }
}
