namespace Qwen3.LlamaCpp.Sampling.Grammars;

internal readonly record struct Symbol(SymbolKind Kind, int Value = 0);
