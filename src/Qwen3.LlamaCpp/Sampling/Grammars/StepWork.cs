namespace Qwen3.LlamaCpp.Sampling.Grammars;

/// <summary>Bounds what one step through a grammar takes, for the other answers of the engine wait for it.</summary>
internal sealed class StepWork
{
    // About 50 ms and as many megabytes. Of grammars in use, hardly any takes a tenth of it.
    private const int MaxPlaces = 250_000;

    private int _places;

    /// <summary>Begins a step.</summary>
    public void Start() => _places = 0;

    /// <summary>Takes note of places that are gone to.</summary>
    /// <exception cref="GrammarComplexityException">They are more than a step may take.</exception>
    public void Spend(int places)
    {
        _places += places;
        if (_places > MaxPlaces)
        {
            throw new GrammarComplexityException();
        }
    }
}
