namespace Concepts;

/// <summary>The GGUF files of the two models, and how many threads to compute with; the library chooses if <see langword="null"/>.</summary>
internal sealed record SampleModels(string Instruct, string Thinking, int? Threads);
