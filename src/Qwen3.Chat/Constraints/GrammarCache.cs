using System.Collections.Concurrent;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Constraints;

/// <summary>Keeps grammars, for agents ask for the same tools again and again.</summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class GrammarCache
{
    // A grammar with what was worked out for it takes a few megabytes, and some tens at most.
    private const int MaxGrammars = 64;

    private readonly ConcurrentDictionary<string, Grammar> _grammars = new();

    public Grammar Get(string key, Func<Grammar> create)
    {
        if (_grammars.TryGetValue(key, out Grammar? grammar))
        {
            return grammar;
        }

        if (_grammars.Count >= MaxGrammars)
        {
            _grammars.Clear();
        }

        return _grammars.GetOrAdd(key, create());
    }
}
