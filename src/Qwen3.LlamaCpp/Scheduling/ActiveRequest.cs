using System.Runtime.InteropServices;
using Qwen3.LlamaCpp.Sampling;

namespace Qwen3.LlamaCpp.Scheduling;

/// <summary>A request that the decode loop has taken on.</summary>
internal sealed class ActiveRequest(Generation generation, TokenSampler sampler) : IDisposable
{
    private readonly List<int> _tokens = [.. generation.Request.Prompt];

    public Generation Generation { get; } = generation;

    public TokenSampler Sampler { get; } = sampler;

    public int PromptLength { get; } = generation.Request.Prompt.Count;

    /// <summary>The prompt and what was generated after it.</summary>
    public ReadOnlySpan<int> Tokens => CollectionsMarshal.AsSpan(_tokens);

    /// <summary>What was generated.</summary>
    public ReadOnlySpan<int> Answer => Tokens[PromptLength..];

    public ThinkingWatch? Thinking { get; } = generation.Request.ThinkingLimit is { } limit ? new(limit) : null;

    public int Generated => _tokens.Count - PromptLength;

    /// <summary>What is computed; <see langword="null"/> before its turn, and while it makes room for older requests.</summary>
    public CachedSequence? Sequence { get; set; }

    /// <summary>The tokens that are not computed yet; the last one's predictions give the next token.</summary>
    public ReadOnlySpan<int> Pending => Tokens[(Sequence?.Length ?? 0)..];

    /// <summary>How many requests had ended when this one made room; it goes on when more have.</summary>
    public long PausedAt { get; set; } = -1;

    /// <summary>Whether it waits for room in the cache, and those behind it with it.</summary>
    public bool WaitsForRoom { get; set; }

    /// <summary>How many tokens the current step computes of it, and where in the batch its predictions are (−1: nowhere).</summary>
    public int StepLength { get; set; }

    public int OutputIndex { get; set; }

    public void Add(int token) => _tokens.Add(token);

    public void Dispose() => Sampler.Dispose();
}
