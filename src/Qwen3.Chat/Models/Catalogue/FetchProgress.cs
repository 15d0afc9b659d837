namespace Qwen3.Chat.Models;

/// <summary>The progress of the download of a model.</summary>
/// <param name="File">
/// The file of the repository that is being fetched; empty while the hub is being asked which files there are.
/// </param>
/// <param name="State">The current activity.</param>
/// <param name="Bytes">
/// The bytes of all files of the model that are on this machine, including those of an earlier run.
/// </param>
/// <param name="TotalBytes">The size of all files of the model; 0 while it is unknown.</param>
public readonly record struct FetchProgress(string File, FetchState State, long Bytes, long TotalBytes)
{
    /// <summary>
    /// Gets the average speed of this run, or <see langword="null"/> while no bytes are being received.
    /// </summary>
    public double? BytesPerSecond { get; init; }

    /// <summary>Gets the number of attempts that failed in a row; 0 after each success.</summary>
    public int Retries { get; init; }

    /// <summary>
    /// Gets the estimated time to the end of the download, or <see langword="null"/> if it cannot be estimated.
    /// </summary>
    public TimeSpan? Remaining => BytesPerSecond is > 0 and { } speed
        && (TotalBytes - Bytes) / speed is var seconds and < 1e9
        ? TimeSpan.FromSeconds(seconds)
        : null;
}

/// <summary>The activities of a download.</summary>
public enum FetchState
{
    /// <summary>The hub is being asked for the files of the repository.</summary>
    Connecting,

    /// <summary>The bytes of the file are being received.</summary>
    Fetching,

    /// <summary>Another process fetches the same file; this one waits for it.</summary>
    Waiting,

    /// <summary>All bytes of the file are on this machine; its checksum is being computed.</summary>
    Verifying,

    /// <summary>All files of the model are complete and verified.</summary>
    Done,
}
