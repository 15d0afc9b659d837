namespace Qwen3.Cli.Commands;

/// <summary>What <c>list --json</c> prints of a model.</summary>
/// <param name="Name">The name that the file gives it.</param>
/// <param name="Variant">Instruct, Thinking or Hybrid; absent if the file has no chat template.</param>
/// <param name="Quantization">Such as Q4_K_M; absent if the file does not say.</param>
/// <param name="SizeInBytes">The size of its files.</param>
/// <param name="Fits">
/// Whether it fits into the memory that is free now, with a context of 4,096 tokens; absent if that cannot be told.
/// </param>
/// <param name="MemoryInBytes">What it takes then.</param>
/// <param name="Location">Which tool's folder it is in.</param>
/// <param name="Path">The file.</param>
internal sealed record ListedModel(
    string Name, string? Variant, string? Quantization, long SizeInBytes, bool? Fits, long? MemoryInBytes, string Location, string Path);
