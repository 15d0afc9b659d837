using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Qwen3.Chat.Constraints.Patterns;

/// <summary>The patterns of a schema. Each is read once, and all together take no more than a schema may.</summary>
internal sealed class SchemaPatterns
{
    // The largest in use are those of mail addresses and IPv6, with a few hundred parts.
    private const int PartLimit = 10_000;

    // Lists of words are one part, however long.
    private const int CharacterLimit = 1_000_000;

    private readonly Dictionary<string, PatternNode?> _known = new(StringComparer.Ordinal);
    private int _characters;
    private TimeSpan _timeToMatch = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Reads a pattern as what a whole text must be to match it; <see langword="null"/> for one that cannot be read.
    /// </summary>
    /// <exception cref="ArgumentException">The pattern is too large.</exception>
    public PatternNode? Read(string text, string pointer)
    {
        if (!_known.TryGetValue(text, out PatternNode? pattern))
        {
            _characters = (int)long.Min((long)_characters + text.Length, int.MaxValue);
            if (_characters > CharacterLimit)
            {
                throw new ArgumentException(
                    $"The schema's patterns come to more than {CharacterLimit} characters, at {pointer}: make them shorter, or list the values with 'enum'.", "schema");
            }

            pattern = PatternParser.Parse(text);
            if (pattern?.CountParts() > PartLimit)
            {
                throw new ArgumentException(
                    $"The schema's pattern comes to more than {PartLimit} parts at {pointer}: make it simpler, or list the values with 'enum'.", "schema");
            }

            pattern = pattern is null ? null : PatternAnchors.Apply(pattern);
            _known.Add(text, pattern);
        }

        return pattern;
    }

    /// <summary>Whether a text matches a pattern, as far as that can be told in time.</summary>
    public bool Matches(string text, string pattern)
    {
        long started = Stopwatch.GetTimestamp();
        try
        {
            // What .NET does not read, or not in time, decides nothing.
            return _timeToMatch <= TimeSpan.Zero || Regex.IsMatch(text, pattern, RegexOptions.ECMAScript | RegexOptions.CultureInvariant, _timeToMatch);
        }
        catch (Exception exception) when (exception is ArgumentException or RegexMatchTimeoutException)
        {
            return true;
        }
        finally
        {
            _timeToMatch -= Stopwatch.GetElapsedTime(started);
        }
    }
}
