namespace Qwen3.Chat.Models;

/// <summary>What is being done to fetch a model.</summary>
public enum FetchState
{
    /// <summary>Its bytes come.</summary>
    Fetching,

    /// <summary>Another process fetches the same file, and its end is waited for.</summary>
    Waiting,

    /// <summary>All bytes are there, and the rest of the checksum is computed.</summary>
    Verifying,

    /// <summary>All files are there and verified.</summary>
    Done,
}
