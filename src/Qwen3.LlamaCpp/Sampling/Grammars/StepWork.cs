using System.Runtime.CompilerServices;

namespace Qwen3.LlamaCpp.Sampling.Grammars;

/// <summary>
/// Limits the work of one step through a grammar, because the other requests of the engine wait for it.
/// </summary>
internal sealed class StepWork
{
    // About 100 ms and as many megabytes. An object of two thousand optional properties is about the largest that gets
    // by.
    private const int MaxPlaces = 500_000;

    private int _places;

    /// <summary>Goes one level deeper.</summary>
    /// <exception cref="GrammarComplexityException">The stack does not reach any deeper.</exception>
    public static void Descend()
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new GrammarComplexityException();
        }
    }

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
