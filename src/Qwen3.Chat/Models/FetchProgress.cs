namespace Qwen3.Chat.Models;

/// <summary>How far a model is fetched.</summary>
/// <param name="File">The file in its repository that is being fetched.</param>
/// <param name="State">What is being done.</param>
/// <param name="Bytes">How many bytes of all files of the model are on this machine, those of an earlier, interrupted run too.</param>
/// <param name="TotalBytes">The size of all files of the model.</param>
public readonly record struct FetchProgress(string File, FetchState State, long Bytes, long TotalBytes);
