using Microsoft.Extensions.Logging;

namespace Qwen3.Chat.Models.Fetching;

/// <summary>Brings files of a repository into the cache: whole and verified, or not at all.</summary>
internal sealed partial class FileFetcher(
    HubConnection connection, HuggingFaceCache cache, string repository, ModelHubOptions options, FetchReport report, ILogger logger)
{
    /// <summary>Fetches a file, if it is not there.</summary>
    /// <returns>Its path in the snapshot.</returns>
    public async Task<string> FetchAsync(HubFile file, CancellationToken cancellationToken)
    {
        report.Begin(file.Path);
        string path = cache.Snapshot(repository, file.Commit, file.Path);
        if (IsThere(path, file))
        {
            report.Add(file.Size);
            return path;
        }

        string lockFile = cache.Lock(repository, file.Checksum);
        using IDisposable turn = await FetchLock.TakeAsync(
            lockFile, () => report.Enter(FetchState.Waiting), options.TimeProvider, cancellationToken).ConfigureAwait(false);
        string blob = cache.Blob(repository, file.Checksum);
        if (IsThere(path, file))
        {
            report.Add(file.Size);
            return path;
        }

        bool isNew = !IsThere(blob, file);
        if (isNew)
        {
            await FetchBlobAsync(file, blob, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            report.Add(file.Size);
        }

        try
        {
            return cache.Link(repository, file, isNew);
        }
        catch (IOException e) when (DiskSpace.IsFull(e))
        {
            throw DiskSpace.Full(repository, cache.Root, file.Size, e);
        }
    }

    private static bool IsThere(string path, HubFile file) => File.Exists(path) && HuggingFaceCache.FileLength(path) == file.Size;

    private async Task FetchBlobAsync(HubFile file, string blob, CancellationToken cancellationToken)
    {
        // Not the name that huggingface_hub gives what it fetches, which it would go on with in its own way.
        string partial = blob + ".qwen3-partial";
        Directory.CreateDirectory(Path.GetDirectoryName(blob)!);
        if (!File.Exists(partial) || HuggingFaceCache.FileLength(partial) < file.Size)
        {
            DiskSpace.Require(repository, cache.Root, file.Size);
        }

        try
        {
            using (PartialFile target = PartialFile.Open(partial, file.Size, options.PartSize))
            {
                DiskSpace.Require(repository, cache.Root, file.Size - target.Total);
                LogBegin(file.Path, repository, file.Address.Host, target.Total);
                await FetchAsync(file, target, cancellationToken).ConfigureAwait(false);
            }

            File.Move(partial, blob, overwrite: true);
        }
        catch (ModelChecksumException)
        {
            File.Delete(partial);
            throw;
        }
        catch (IOException e) when (DiskSpace.IsFull(e))
        {
            throw DiskSpace.Full(repository, cache.Root, file.Size, e);
        }
    }

    private async Task FetchAsync(HubFile file, PartialFile target, CancellationToken cancellationToken)
    {
        string checksum;
        try
        {
            report.Add(target.Total);
            checksum = await FetchOnceAsync(file, target, parts => parts.FetchAsync, cancellationToken).ConfigureAwait(false);
            if (checksum != file.Checksum && target.IsResumed)
            {
                // What was there from before may have been the damage.
                LogAgain(file.Path);
                Restart(target);
                checksum = await FetchOnceAsync(file, target, parts => parts.FetchAsync, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (RangesIgnoredException)
        {
            LogWhole(file.Path);
            checksum = await FetchWholeAsync(file, target, cancellationToken).ConfigureAwait(false);
        }

        if (checksum != file.Checksum)
        {
            throw new ModelChecksumException(
                repository,
                $"What {connection.Endpoint} sent as {file.Path} of {repository} has the checksum {checksum}, and it says that the file has " +
                $"{file.Checksum}. It was thrown away. Try again; if it stays so, the hub, a mirror or a proxy on the way changes the file.");
        }

        target.Complete();
    }

    private void Restart(PartialFile target)
    {
        report.Add(-target.Total);
        target.Restart();
    }

    /// <summary>Fetches from a server that cannot go on: each attempt begins anew.</summary>
    private async Task<string> FetchWholeAsync(HubFile file, PartialFile target, CancellationToken cancellationToken)
    {
        for (int failures = 1; ; failures++)
        {
            Restart(target);
            try
            {
                return await FetchOnceAsync(file, target, parts => parts.FetchWholeAsync, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (HubConnection.IsTransient(e) && !DiskSpace.IsFull(e) && !cancellationToken.IsCancellationRequested)
            {
                await Parts(file, target, null).DelayAsync(failures, e, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Fetches, and computes the checksum meanwhile.</summary>
    private async Task<string> FetchOnceAsync(
        HubFile file, PartialFile target, Func<PartFetcher, Func<CancellationToken, Task>> fetch, CancellationToken cancellationToken)
    {
        using var checksum = new ChecksumReader(target, file.Checksum);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<string> hashing = Task.Run(() => checksum.ComputeAsync(stop.Token), stop.Token);
        try
        {
            await fetch(Parts(file, target, checksum))(cancellationToken).ConfigureAwait(false);
            report.Enter(FetchState.Verifying);
            checksum.Notify();
            return await hashing.ConfigureAwait(false);
        }
        catch
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await hashing.ContinueWith(
                static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).ConfigureAwait(false);
            throw;
        }
    }

    private PartFetcher Parts(HubFile file, PartialFile target, ChecksumReader? checksum)
    {
        void OnBytes(int bytes)
        {
            checksum?.Notify();
            report.Add(bytes);
        }

        return new(connection, repository, file, target, options, OnBytes, logger);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Fetching {File} of {Repository} from {Host}; {Bytes} bytes are there")]
    private partial void LogBegin(string file, string repository, string host, long bytes);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{File}, gone on with, has another checksum than the hub's; it is begun anew")]
    private partial void LogAgain(string file);

    [LoggerMessage(Level = LogLevel.Information, Message = "The server sends {File} as a whole alone: an interruption begins it anew")]
    private partial void LogWhole(string file);
}
