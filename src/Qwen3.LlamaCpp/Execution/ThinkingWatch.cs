namespace Qwen3.LlamaCpp.Execution;

/// <summary>Watches over an answer's thinking.</summary>
internal sealed class ThinkingWatch(ThinkingLimit limit)
{
    // A passage this long that comes for the fourth time: thinking goes in circles. It is looked for at intervals, for a search costs as much
    // as the thinking is long.
    private const int PassageLength = 64, MaxOccurrences = 3, Interval = 32;

    private bool _hasEnded;

    /// <summary>What ended the thinking, as far as it has.</summary>
    public ThinkingEnd End { get; private set; }

    /// <summary>Takes note of an answer's last token, and tells whether the thinking is to be closed after it.</summary>
    /// <param name="answer">The whole answer so far.</param>
    public bool MustClose(ReadOnlySpan<int> answer)
    {
        if (limit.StartToken is not null && answer.Length == 1)
        {
            _hasEnded = answer[0] != limit.StartToken;
            return false;
        }

        if (_hasEnded)
        {
            return false;
        }

        ReadOnlySpan<int> thinking = limit.StartToken is null ? answer : answer[1..];
        if (thinking[^1] == limit.EndToken)
        {
            Finish(ThinkingEnd.Model);
        }
        else if (thinking.Length >= limit.MaxTokens)
        {
            Finish(ThinkingEnd.Budget);
        }
        else if (limit.EndsRepetition && thinking.Length % Interval == 0 && GoesInCircles(thinking))
        {
            Finish(ThinkingEnd.Repetition);
        }

        return End is not (ThinkingEnd.None or ThinkingEnd.Model);
    }

    private static bool GoesInCircles(ReadOnlySpan<int> thinking)
    {
        if (thinking.Length < PassageLength * (MaxOccurrences + 1))
        {
            return false;
        }

        ReadOnlySpan<int> passage = thinking[^PassageLength..];
        ReadOnlySpan<int> before = thinking[..^PassageLength];
        int count = 0;
        while (count < MaxOccurrences && before.IndexOf(passage) is >= 0 and int index)
        {
            count++;
            before = before[(index + PassageLength)..];
        }

        return count == MaxOccurrences;
    }

    private void Finish(ThinkingEnd end)
    {
        End = end;
        _hasEnded = true;
    }
}
