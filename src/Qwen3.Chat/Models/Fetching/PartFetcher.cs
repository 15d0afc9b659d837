using System.Net;
using System.Net.Http.Headers;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;

namespace Qwen3.Chat.Models;

/// <summary>Fetches the parts of one file over several connections, with retries.</summary>
internal sealed partial class PartFetcher(
    HubConnection connection,
    string repository,
    HubFile source,
    PartialFile file,
    ModelHubOptions options,
    Action<int> onBytes,
    ILogger logger)
{
    private const int BufferSize = 1 << 18;

    private int _next = -1;
    private Exception? _failure;

    private bool _isRanged = file.Total > 0;

    // The target of the hub's redirect. It is asked directly until it refuses.
    private Uri? _address;

    /// <summary>
    /// Whether the server sent parts without stating which; only the checksum can tell whether they were the requested
    /// ones.
    /// </summary>
    public bool HasUnstatedRanges { get; private set; }

    /// <summary>Fetches all missing parts.</summary>
    /// <exception cref="RangesIgnoredException">The server sends only whole files.</exception>
    public async Task FetchAsync(CancellationToken cancellationToken)
    {
        using var all = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAll(Enumerable.Range(0, options.Connections).Select(_ => WorkAsync(all))).ConfigureAwait(false);
        if (_failure is not null)
        {
            ExceptionDispatchInfo.Throw(_failure);
        }
    }

    /// <summary>Fetches the file in one piece. The file must be empty.</summary>
    public async Task FetchWholeAsync(CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await connection.GetAsync(
            repository, source.Address, range: null, cancellationToken).ConfigureAwait(false);
        RequireSuccess(response);
        using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        for (int part = 0; part < file.Parts; part++)
        {
            await ReceiveAsync(stream, part, cancellationToken).ConfigureAwait(false);
        }
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
        catch (Exception e)
        {
            // The first failure is the cause; it makes the others fail too.
            Interlocked.CompareExchange(ref _failure, e, null);
            await all.CancelAsync().ConfigureAwait(false);
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
        for (int failures = 0; file.Done(part) < file.Length(part);)
        {
            long before = file.Done(part);
            try
            {
                await ReceiveAsync(part, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (HubConnection.IsTransient(e) && !DiskSpace.IsFull(e)
                && !cancellationToken.IsCancellationRequested
                && !(e is RangesIgnoredException && (!_isRanged || failures >= options.MaxRetries)))
            {
                failures = file.Done(part) > before ? 1 : failures + 1;
                await DelayAsync(failures, e, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Waits before the next attempt.</summary>
    /// <exception cref="ModelFetchException">All attempts were used.</exception>
    public async Task DelayAsync(int failures, Exception cause, CancellationToken cancellationToken)
    {
        if (failures > options.MaxRetries)
        {
            throw new ModelFetchException(
                repository,
                $"Fetching {source.Path} of {repository} failed in {failures} attempts in a row: {cause.Message} " +
                "Check the network and try " +
                $"again; {file.Total} of {file.Size} bytes are kept.",
                isTransient: true,
                cause);
        }

        connection.OnRetry(failures);
        TimeSpan delay = TimeSpan.FromTicks(
            Math.Min(RetryAfter.Longest.Ticks, options.RetryDelay.Ticks << Math.Min(failures - 1, 16)));
        LogCut(source.Path, cause.Message, delay);
        await Task.Delay(delay, options.TimeProvider, cancellationToken).ConfigureAwait(false);
    }

    private async Task ReceiveAsync(int part, CancellationToken cancellationToken)
    {
        long start = file.Start(part) + file.Done(part), end = file.Start(part) + file.Length(part);
        using HttpResponseMessage response = await GetAsync(new RangeHeaderValue(start, end - 1), cancellationToken)
            .ConfigureAwait(false);
        RequireSuccess(response);
        if (response.StatusCode == HttpStatusCode.PartialContent)
        {
            RequireRange(response.Content.Headers, start, end);
            _isRanged = true;
            Uri? from = response.RequestMessage?.RequestUri;
            _address = connection.IsEndpoint(from) ? null : from;
        }
        else if (start > 0 || file.Parts > 1)
        {
            _address = null;
            throw new RangesIgnoredException();
        }

        using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await ReceiveAsync(stream, part, cancellationToken).ConfigureAwait(false);
    }

    private async Task<HttpResponseMessage> GetAsync(RangeHeaderValue range, CancellationToken cancellationToken)
    {
        try
        {
            return await connection.GetAsync(repository, _address ?? source.Address, range,
                cancellationToken)
                .ConfigureAwait(false);
        }
        catch (Exception e) when (HubConnection.IsTransient(e))
        {
            // The hub may redirect to another host by now.
            _address = null;
            throw;
        }
    }

    private async Task ReceiveAsync(Stream stream, int part, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[BufferSize];
        using IdleTimeoutReader watch = connection.Watch(cancellationToken);
        for (long rest; (rest = file.Length(part) - file.Done(part)) > 0;)
        {
            int read = await watch.ReadAsync(stream, buffer.AsMemory(0, (int)Math.Min(buffer.Length, rest)))
                .ConfigureAwait(false);
            if (read == 0)
            {
                throw new IOException("The answer ended early.");
            }

            Append(part, buffer.AsSpan(0, read));
            onBytes(read);
        }
    }

    // A failure to write is not a failure of the network, and is not tried again.
    private void Append(int part, ReadOnlySpan<byte> bytes)
    {
        try
        {
            file.Append(part, bytes);
        }
        catch (IOException e) when (!DiskSpace.IsFull(e))
        {
            throw new ModelFetchException(repository, $"{file.Path} cannot be written: {e.Message} Check the disk.", e);
        }
    }

    /// <summary>
    /// Throws if the answer is a failure. A refusal by the hub is final; elsewhere the address may have expired, and
    /// the hub gives another.
    /// </summary>
    private void RequireSuccess(HttpResponseMessage response)
    {
        if (!response.IsSuccessStatusCode)
        {
            Uri? from = response.RequestMessage?.RequestUri;
            _address = null;
            throw connection.IsEndpoint(from) || response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable
                ? HubErrors.Create(response, connection, repository, source)
                : new HttpRequestException(
                    $"{from?.Host} answered {(int)response.StatusCode}. {RetryAfter.Advice(response)}.");
        }
    }

    private void RequireRange(HttpContentHeaders headers, long start, long end)
    {
        if (headers.ContentRange is not { } range)
        {
            // Some mirrors leave the header out. The length tells whether it is the whole file instead of the part.
            HasUnstatedRanges = true;
            if (headers.ContentLength is { } length && length == file.Size && length != end - start)
            {
                _address = null;
                throw new RangesIgnoredException();
            }
        }
        else if (range.From != start || (range.HasLength && range.Length != file.Size))
        {
            throw connection.Unreadable(repository,
                $"it sends '{range}' of {source.Path} instead of bytes {start} to {end - 1} of {file.Size}");
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Fetching {File} was interrupted ({Reason}); the next attempt follows in {Delay}")]
    private partial void LogCut(string file, string reason, TimeSpan delay);
}

/// <summary>
/// The server sent a whole file although a part was requested; a group of servers behind one name can do so now and
/// then.
/// </summary>
internal sealed class RangesIgnoredException() : IOException(
    "The server sent the whole file instead of the requested part.");
