using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Logging;

namespace Qwen3.Chat.Models.Fetching;

/// <summary>Fetches the parts of one file, some side by side, and each as often as it takes.</summary>
internal sealed partial class PartFetcher(
    HubConnection connection, string repository, HubFile source, PartialFile file, ModelHubOptions options, Action<int> onBytes, ILogger logger)
{
    private const int BufferSize = 1 << 18;
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromMinutes(1);

    private int _next = -1;
    private bool _isWhole;

    // Where the hub sent on to: asked there again, until it is refused there.
    private Uri? _address;

    public async Task FetchAsync(CancellationToken cancellationToken)
    {
        int first = NextPart();
        if (first == file.Parts)
        {
            return;
        }

        // The first part alone shows whether the server knows ranges.
        await FetchPartAsync(first, cancellationToken).ConfigureAwait(false);
        if (_isWhole)
        {
            return;
        }

        using var all = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] workers = [.. Enumerable.Range(0, options.Connections).Select(_ => WorkAsync(all))];
        await Task.WhenAll(workers).ConfigureAwait(false);
    }

    private async Task WorkAsync(CancellationTokenSource all)
    {
        try
        {
            for (int part; (part = NextPart()) < file.Parts;)
            {
                await FetchPartAsync(part, all.Token).ConfigureAwait(false);
            }
        }
        catch
        {
            await all.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }

    private int NextPart()
    {
        int part;
        do
        {
            part = Interlocked.Increment(ref _next);
        }
        while (part < file.Parts && file.Done(part) == file.Length(part));
        return Math.Min(part, file.Parts);
    }

    private async Task FetchPartAsync(int part, CancellationToken cancellationToken)
    {
        for (int failures = 0; !_isWhole && file.Done(part) < file.Length(part);)
        {
            long before = file.Total;
            try
            {
                await ReceiveAsync(part, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (HubConnection.IsTransient(e) && !DiskSpace.IsFull(e) && !cancellationToken.IsCancellationRequested)
            {
                failures = file.Total > before ? 1 : failures + 1;
                if (failures > options.MaxRetries)
                {
                    throw new ModelFetchException(
                        repository,
                        $"The connection for {source.Path} of {repository} was cut {failures} times with no byte come: {e.Message} Check the network and try again; " +
                        $"the {file.Total} of {file.Size} bytes that are there are kept.",
                        e);
                }

                TimeSpan delay = TimeSpan.FromTicks(Math.Min(s_longestDelay.Ticks, options.RetryDelay.Ticks << Math.Min(failures - 1, 16)));
                LogCut(source.Path, e.Message, delay);
                await Task.Delay(delay, options.TimeProvider, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task ReceiveAsync(int part, CancellationToken cancellationToken)
    {
        long start = file.Start(part) + file.Done(part), end = file.Start(part) + file.Length(part);
        Uri? known = _address;
        using HttpResponseMessage response = await connection.GetAsync(
            repository, known ?? source.Address, new RangeHeaderValue(start, end - 1), cancellationToken).ConfigureAwait(false);
        Uri? from = response.RequestMessage?.RequestUri;
        if (!response.IsSuccessStatusCode)
        {
            _address = null;
            throw connection.IsEndpoint(from) || response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable
                ? HubErrors.Create(response, connection, repository, source)
                : new HttpRequestException($"{from?.Host} answered {(int)response.StatusCode}.");
        }

        using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.PartialContent)
        {
            RequireRange(response.Content.Headers.ContentRange, start);
            _address = connection.IsEndpoint(from) ? null : from;
            await ReceiveAsync(stream, part, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            LogWhole(source.Path);
            await ReceiveWholeAsync(stream, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Takes the file as it comes, from its beginning on.</summary>
    private async Task ReceiveWholeAsync(Stream stream, CancellationToken cancellationToken)
    {
        file.Restart();
        for (int part = 0; part < file.Parts; part++)
        {
            await ReceiveAsync(stream, part, cancellationToken).ConfigureAwait(false);
        }

        _isWhole = true;
    }

    private async Task ReceiveAsync(Stream stream, int part, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[BufferSize];
        using CancellationTokenSource stall = connection.CreateStall(cancellationToken);
        for (long rest; (rest = file.Length(part) - file.Done(part)) > 0;)
        {
            int read = await connection.ReadAsync(stream, buffer.AsMemory(0, (int)Math.Min(buffer.Length, rest)), stall, cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                throw new IOException("The answer ended early.");
            }

            file.Append(part, buffer.AsSpan(0, read));
            onBytes(read);
        }
    }

    private void RequireRange(ContentRangeHeaderValue? range, long start)
    {
        if (range is null || range.From != start || (range.HasLength && range.Length != file.Size))
        {
            throw connection.Unreadable(repository, $"asked for {source.Path} from byte {start} of {file.Size} on, it sends '{range}'");
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The connection for {File} was cut ({Reason}); going on in {Delay}")]
    private partial void LogCut(string file, string reason, TimeSpan delay);

    [LoggerMessage(Level = LogLevel.Information, Message = "The server sends {File} as a whole alone: an interruption begins it anew")]
    private partial void LogWhole(string file);
}
