namespace Concepts;

/// <summary>
/// The GGUF files of the two models, and the number of threads; the library chooses it if
/// <see langword="null"/>.
/// </summary>
internal sealed record SampleModels(string Instruct, string Thinking, int? Threads);
