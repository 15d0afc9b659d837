namespace Qwen3.Chat.Constraints;

/// <summary>
/// Limits the work that compiling schemas takes, and ends it when the caller cancels. Every loop over a schema spends
/// from it.
/// </summary>
/// <remarks>
/// A unit is about a value read or a list entry kept: 50 bytes, or a fraction of a microsecond. A schema within the
/// limits compiles in about a second at most.
/// </remarks>
internal sealed class SchemaBudget(CancellationToken cancellationToken = default)
{
    /// <summary>The largest schema, as UTF-8.</summary>
    public const int MaxBytes = 8 * 1024 * 1024;

    // The schemas of one answer together may take several times as much as each.
    private const long MaxWork = 5_000_000, MaxTotalWork = 20_000_000;
    private const int MaxLocations = 250_000, CheckInterval = 10_000;

    private long _work, _totalWork, _nextCheck;
    private int _locations;

    /// <summary>
    /// Gets a value indicating whether the schemas together have taken all that is allowed, so that no further one can
    /// be compiled.
    /// </summary>
    public bool IsExhausted => _totalWork > MaxTotalWork;

    /// <summary>Starts with another schema.</summary>
    public void StartSchema()
    {
        _work = 0;
        _locations = 0;
    }

    /// <summary>Counts a place in the schema.</summary>
    /// <returns>A number that no other place has.</returns>
    /// <exception cref="ArgumentException">The schema has too many.</exception>
    public int AddLocation()
    {
        if (++_locations > MaxLocations)
        {
            throw new ArgumentException($"The schema has more than {MaxLocations} keywords and values: make it smaller.", "schema");
        }

        Spend(1);
        return _locations;
    }

    /// <param name="work">How much is about to be done.</param>
    /// <param name="at">Where, or <see langword="null"/> for no place in particular.</param>
    /// <exception cref="ArgumentException">It is more than the schema may take.</exception>
    /// <exception cref="OperationCanceledException">The caller has cancelled.</exception>
    public void Spend(long work, SchemaLocation? at = null)
    {
        _work += work;
        _totalWork += work;
        if (_totalWork >= _nextCheck)
        {
            _nextCheck = _totalWork + CheckInterval;
            cancellationToken.ThrowIfCancellationRequested();
        }

        if (_work > MaxWork)
        {
            string place = at is null ? "" : $", at {at.Pointer}";
            throw new ArgumentException($"The schema is too large to compile{place}: make it smaller or simpler.", "schema");
        }

        if (IsExhausted)
        {
            throw new ArgumentException("The schemas of the request are too large together: offer fewer functions, or make their schemas simpler.", "schema");
        }
    }
}
