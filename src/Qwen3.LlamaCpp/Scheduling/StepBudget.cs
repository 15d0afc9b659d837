namespace Qwen3.LlamaCpp.Scheduling;

/// <summary>Limits the prefill tokens of a step by the time that they take, measured on this machine.</summary>
/// <remarks>
/// While answers run, or other engines wait for the processors, a step takes about 200 ms, so that answers keep flowing. When
/// several prompts and no answer are computed it takes about a second, so that each can be cancelled between two steps.
/// </remarks>
internal sealed class StepBudget
{
    /// <summary>The smallest prefill chunk, and the fewest tokens of a step that is measured.</summary>
    public const int MinChunk = 16;

    private static readonly TimeSpan s_answerStep = TimeSpan.FromMilliseconds(200), s_promptStep = TimeSpan.FromSeconds(1);

    private double _tokensPerSecond = MinChunk / s_answerStep.TotalSeconds;

    /// <summary>Records how long a step took.</summary>
    public void Record(int tokens, TimeSpan elapsed)
    {
        if (tokens >= MinChunk && elapsed > TimeSpan.Zero)
        {
            _tokensPerSecond = tokens / elapsed.TotalSeconds;
        }
    }

    /// <summary>Returns how many prefill tokens the next step may compute.</summary>
    /// <param name="room">The tokens left in the batch.</param>
    /// <param name="prompts">The number of prompts that are being computed.</param>
    /// <param name="isAlone">Whether the step would compute one prompt and nothing else, on processors that nobody else waits for.</param>
    /// <param name="mustBeShort">Whether an answer runs, or another engine waits for the processors.</param>
    public int PrefillTokens(int room, int prompts, bool isAlone, bool mustBeShort)
    {
        if (isAlone)
        {
            return room;
        }

        double tokens = _tokensPerSecond * (mustBeShort ? s_answerStep : s_promptStep).TotalSeconds;
        return Math.Min(room, (int)Math.Min(int.MaxValue, Math.Max(Math.Max(MinChunk, prompts), tokens)));
    }
}
