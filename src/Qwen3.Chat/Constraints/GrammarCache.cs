using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Constraints;

/// <summary>Keeps grammars, for agents ask for the same tools again and again.</summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class GrammarCache
{
    // A grammar with what was worked out for it takes a few megabytes, and some tens at most.
    private const int MaxGrammars = 64;

    private readonly Lock _lock = new();

    // The one that was not asked for for the longest time is the first.
    private readonly OrderedDictionary<string, Grammar> _grammars = [];

    public Grammar Get(string key, Func<Grammar> create)
    {
        lock (_lock)
        {
            if (_grammars.Remove(key, out Grammar? known))
            {
                _grammars.Add(key, known);
                return known;
            }
        }

        // Others need not wait for it.
        Grammar grammar = create();
        lock (_lock)
        {
            if (!_grammars.TryAdd(key, grammar))
            {
                return _grammars[key];
            }

            if (_grammars.Count > MaxGrammars)
            {
                _grammars.RemoveAt(0);
            }

            return grammar;
        }
    }
}
