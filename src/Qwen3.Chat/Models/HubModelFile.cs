namespace Qwen3.Chat.Models;

/// <summary>A GGUF model in a repository of a hub.</summary>
/// <param name="File">The file in the repository, of a split model the first part, with <c>/</c> between folders.</param>
/// <param name="Quantization">The quantization as the file's name has it, or <see langword="null"/> if it has none.</param>
/// <param name="SizeInBytes">The size, of a split model that of all parts.</param>
/// <param name="Parts">How many files it is in.</param>
public sealed record HubModelFile(string File, string? Quantization, long SizeInBytes, int Parts);
