using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Constraints;

/// <summary>Keeps grammars, because agents offer the same tools again and again.</summary>
/// <param name="maxGrammars">How many are kept at most.</param>
/// <param name="maxBytes">
/// How much memory they may take together, with what was computed of them. A larger one is used once and not kept.
/// </param>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class GrammarCache(int maxGrammars = 64, long maxBytes = 128 * 1024 * 1024)
{
    private readonly Lock _lock = new();

    // The least recently used one is the first.
    private readonly OrderedDictionary<string, Grammar> _grammars = [];

    public Grammar Get(string key, Func<Grammar> create)
    {
        lock (_lock)
        {
            if (_grammars.Remove(key, out Grammar? known))
            {
                _grammars.Add(key, known);
                Trim();
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

            Trim();
            return grammar;
        }
    }

    /// <summary>
    /// Drops the least recently used ones until the rest fits. A grammar grows while answers follow it, so that this is
    /// looked at each time.
    /// </summary>
    private void Trim()
    {
        long bytes = _grammars.Values.Sum(grammar => grammar.EstimatedBytes);
        while (_grammars.Count > 0 && (_grammars.Count > maxGrammars || bytes > maxBytes))
        {
            bytes -= _grammars.GetAt(0).Value.EstimatedBytes;
            _grammars.RemoveAt(0);
        }
    }
}
