namespace Qwen3.Chat.Constraints.Patterns;

/// <summary>A set of characters, as ranges in order that do not touch.</summary>
internal sealed class CharacterSet
{
    private const int Last = 0xFFFF;

    public CharacterSet(params IEnumerable<(int Low, int High)> ranges)
    {
        var merged = new List<(int Low, int High)>();
        foreach ((int low, int high) in ranges.Order())
        {
            if (merged is [.., var last] && low <= last.High + 1)
            {
                merged[^1] = (last.Low, int.Max(last.High, high));
            }
            else
            {
                merged.Add((low, high));
            }
        }

        Ranges = merged;
    }

    public IReadOnlyList<(int Low, int High)> Ranges { get; }

    /// <summary>The characters of the basic plane that are not in the set, less surrogates, which are none.</summary>
    public CharacterSet Complement()
    {
        var ranges = new List<(int, int)>();
        int next = 0;
        foreach ((int low, int high) in new CharacterSet([.. Ranges, (0xD800, 0xDFFF)]).Ranges)
        {
            if (low > next)
            {
                ranges.Add((next, low - 1));
            }

            next = high + 1;
        }

        return new(next <= Last ? [.. ranges, (next, Last)] : ranges);
    }

    public CharacterSet Intersect(CharacterSet other) => new(
        from first in Ranges
        from second in other.Ranges
        where first.Low <= second.High && second.Low <= first.High
        select (int.Max(first.Low, second.Low), int.Min(first.High, second.High)));

    public CharacterSet Except(CharacterSet other) => Intersect(other.Complement());

    public bool Contains(int character) => Ranges.Any(range => range.Low <= character && character <= range.High);
}
