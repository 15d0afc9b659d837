using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Qwen3.Chat.Models;

/// <summary>
/// Fetches files of a repository into the cache. A file gets its name only when it is complete and verified.
/// </summary>
internal sealed partial class FileFetcher(
    HubConnection connection,
    HuggingFaceCache cache,
    string repository,
    ModelHubOptions options,
    FetchReport report,
    ILogger logger)
{
    private const int MaxStampLength = 100;

    private bool _hasUnstatedRanges;

    /// <summary>Fetches a file, unless it is in the cache with the right content.</summary>
    /// <returns>The path in the snapshot.</returns>
    public async Task<string> FetchAsync(HubFile file, CancellationToken cancellationToken)
    {
        report.Begin(file.Path);
        try
        {
            return await FindOrFetchAsync(file, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException e) when (DiskSpace.IsFull(e))
        {
            throw DiskSpace.Full(repository, cache.Root, file.Size, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFetchException(
                repository,
                $"{file.Path} of {repository} cannot be stored in {cache.Root}: {e.Message} Repair that, or set " +
                "another folder " +
                $"({nameof(ModelHubOptions)}.{nameof(ModelHubOptions.CacheFolder)}, HF_HUB_CACHE).",
                e);
        }
    }

    private async Task<string> FindOrFetchAsync(HubFile file, CancellationToken cancellationToken)
    {
        string path = cache.Snapshot(repository, file.Commit, file.Path), blob = cache.Blob(repository, file.Checksum);
        if (await IsVerifiedAsync(path, file, cancellationToken).ConfigureAwait(false))
        {
            report.Add(file.Size);
            return path;
        }

        string lockFile = cache.Lock(repository, file.Checksum);
        cache.CreateFolder(lockFile);
        using IDisposable turn = await FetchLock.TakeAsync(
            lockFile, () => report.Enter(FetchState.Waiting), options.TimeProvider, cancellationToken)
                .ConfigureAwait(false);
        if (IsRemembered(path, file))
        {
            // Fetched by the process that held the lock.
            report.Add(file.Size);
            return path;
        }

        foreach (string place in (string[])[path, blob])
        {
            if (Directory.Exists(place) && new DirectoryInfo(place).LinkTarget is null)
            {
                throw new IOException($"{place} is a folder in the place of a file. Remove it.");
            }
        }

        bool isNew = !await IsVerifiedAsync(blob, file, cancellationToken).ConfigureAwait(false);
        if (isNew)
        {
            await FetchBlobAsync(file, blob, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            report.Add(file.Size);
        }

        cache.Link(path, blob, isNew);
        Remember(path, file);
        return path;
    }

    /// <summary>
    /// Returns whether a file has the right size and checksum. The checksum is computed once and remembered.
    /// </summary>
    private async Task<bool> IsVerifiedAsync(string path, HubFile file, CancellationToken cancellationToken)
    {
        if (SmallFile.Length(path) != file.Size)
        {
            return false;
        }

        if (IsRemembered(path, file))
        {
            return true;
        }

        report.Enter(FetchState.Verifying);
        string checksum = await ChecksumReader.ComputeAsync(path, file.Checksum, cancellationToken)
            .ConfigureAwait(false);
        if (checksum != file.Checksum)
        {
            LogDamaged(path, checksum, file.Checksum);
            return false;
        }

        Remember(path, file);
        return true;
    }

    private bool IsRemembered(string path, HubFile file) =>
        SmallFile.Length(path) == file.Size
        && SmallFile.Read(StampFile(file), MaxStampLength) is { } stamp
        && Encoding.UTF8.GetString(stamp) == Stamp(path);

    /// <summary>Remembers that a file was verified, by its size and its time of change.</summary>
    private void Remember(string path, HubFile file)
    {
        try
        {
            cache.Write(StampFile(file), Stamp(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The cache may be read-only; the file is verified again the next time.
            LogNotRemembered(path, e.Message);
        }
    }

    private string StampFile(HubFile file) => cache.Blob(repository, file.Checksum) + ".qwen3-verified";

    private static string Stamp(string path)
    {
        var info = new FileInfo(path);
        var target = (FileInfo)(info.ResolveLinkTarget(returnFinalTarget: true) ?? info);
        return string.Create(CultureInfo.InvariantCulture, $"{target.Length} {target.LastWriteTimeUtc.Ticks}");
    }

    private async Task FetchBlobAsync(HubFile file, string blob, CancellationToken cancellationToken)
    {
        // huggingface_hub resumes files with the name that it gives them in its own way.
        string partial = blob + ".qwen3-partial";
        cache.CreateFolder(partial);
        if (SmallFile.Length(partial) < file.Size)
        {
            DiskSpace.Require(repository, cache.Root, file.Size);
        }

        try
        {
            using (PartialFile target = PartialFile.Open(partial, file.Size, options.PartSize))
            {
                if (!OperatingSystem.IsWindows())
                {
                    // Windows has reserved the space for a file of this length.
                    DiskSpace.Require(repository, cache.Root, file.Size - target.Total);
                }

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
    }

    private async Task FetchAsync(HubFile file, PartialFile target, CancellationToken cancellationToken)
    {
        string checksum;
        try
        {
            report.Add(target.Total);
            report.Enter(FetchState.Fetching);
            checksum = await FetchOnceAsync(file, target, parts => parts.FetchAsync, cancellationToken)
                .ConfigureAwait(false);
            if (checksum != file.Checksum && target.IsResumed)
            {
                // The content of an earlier run may be the damaged part.
                LogAgain(file.Path);
                Restart(target);
                checksum = await FetchOnceAsync(file, target, parts => parts.FetchAsync, cancellationToken)
                    .ConfigureAwait(false);
            }

            if (checksum != file.Checksum && _hasUnstatedRanges)
            {
                LogUnstated(file.Path);
                checksum = await FetchWholeAsync(file, target, cancellationToken).ConfigureAwait(false);
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
                $"{file.Path} of {repository} was received from {connection.Endpoint} with the checksum " +
                $"{checksum} instead of " +
                $"{file.Checksum}, and was deleted. Try again; if the error stays, the hub, a mirror or a proxy " +
                "changes the file.");
        }

        target.Complete();
    }

    private void Restart(PartialFile target)
    {
        report.Add(-target.Total);
        target.Restart();
    }

    /// <summary>Fetches from a server that sends only whole files: each attempt starts from the beginning.</summary>
    private async Task<string> FetchWholeAsync(HubFile file, PartialFile target, CancellationToken cancellationToken)
    {
        for (int failures = 1; ; failures++)
        {
            Restart(target);
            try
            {
                return await FetchOnceAsync(file, target, parts => parts.FetchWholeAsync, cancellationToken)
                    .ConfigureAwait(false);
            }
            catch (Exception e) when (HubConnection.IsTransient(e) && !DiskSpace.IsFull(e)
                && !cancellationToken.IsCancellationRequested)
            {
                await Parts(file, target, null).DelayAsync(failures, e, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Fetches a file and computes its checksum at the same time.</summary>
    private async Task<string> FetchOnceAsync(
        HubFile file,
        PartialFile target,
        Func<PartFetcher, Func<CancellationToken, Task>> fetch,
        CancellationToken cancellationToken)
    {
        using var checksum = new ChecksumReader(target, file.Checksum);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<string> hashing = Task.Run(() => checksum.ComputeAsync(stop.Token), stop.Token);
        try
        {
            PartFetcher parts = Parts(file, target, checksum);
            await fetch(parts)(cancellationToken).ConfigureAwait(false);
            _hasUnstatedRanges |= parts.HasUnstatedRanges;
            report.Enter(FetchState.Verifying);
            checksum.Notify();
            return await hashing.ConfigureAwait(false);
        }
        catch
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await hashing.ContinueWith(
                static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default)
                .ConfigureAwait(false);
            throw;
        }
    }

    private PartFetcher Parts(HubFile file, PartialFile target, ChecksumReader? checksum)
    {
        void OnBytes(int bytes)
        {
            checksum?.Notify();
            report.Receive(bytes);
        }

        return new(connection, repository, file, target, options, OnBytes, logger);
    }

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Fetching {File} of {Repository} from {Host}; {Bytes} bytes are there from earlier")]
    private partial void LogBegin(string file, string repository, string host, long bytes);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "{File} has a wrong checksum after it was resumed; it is fetched from the beginning")]
    private partial void LogAgain(string file);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "{File} has a wrong checksum, and the server did not state its parts; it is fetched whole")]
    private partial void LogUnstated(string file);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "The server sends {File} only as a whole; it cannot be resumed")]
    private partial void LogWhole(string file);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "{Path} has the checksum {Actual} instead of {Expected}; it is fetched again")]
    private partial void LogDamaged(string path, string actual, string expected);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The verification of {Path} cannot be recorded: {Reason}")]
    private partial void LogNotRemembered(string path, string reason);
}
