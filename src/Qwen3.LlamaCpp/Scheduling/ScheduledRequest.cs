using System.Runtime.InteropServices;
using Qwen3.LlamaCpp.KvCache;

namespace Qwen3.LlamaCpp.Scheduling;

/// <summary>A request as the scheduler sees it: its tokens, and how many of them are computed.</summary>
/// <param name="prompt">The token ids of the prompt, at least one.</param>
internal class ScheduledRequest(IReadOnlyList<int> prompt)
{
    private readonly List<int> _tokens = [.. prompt];

    /// <summary>Gets the number of tokens in the prompt.</summary>
    public int PromptLength { get; } = prompt.Count;

    /// <summary>Gets the prompt and the tokens that were generated after it.</summary>
    public ReadOnlySpan<int> Tokens => CollectionsMarshal.AsSpan(_tokens);

    /// <summary>Gets the generated tokens.</summary>
    public ReadOnlySpan<int> Answer => Tokens[PromptLength..];

    /// <summary>Gets the number of generated tokens.</summary>
    public int Generated => _tokens.Count - PromptLength;

    /// <summary>Gets or sets the computed part, or <see langword="null"/> before the request starts and while it is preempted.</summary>
    public CachedSequence? Sequence { get; set; }

    /// <summary>Gets the tokens that are not computed yet. The logits of the last one predict the next token.</summary>
    public ReadOnlySpan<int> Pending => Tokens[(Sequence?.Length ?? 0)..];

    /// <summary>Gets or sets how many prompt tokens were in the cache at the first start, or −1 before it.</summary>
    public int CachedTokens { get; set; } = -1;

    /// <summary>Gets or sets how many requests had finished when this one was preempted, or −1. It may start again once that number has grown.</summary>
    public long PreemptedAt { get; set; } = -1;

    /// <summary>Gets or sets a value indicating whether the request waits for KV cells, and the later ones behind it.</summary>
    public bool WaitsForCells { get; set; }

    /// <summary>Gets or sets how many tokens the current step computes of this request.</summary>
    public int StepLength { get; set; }

    /// <summary>Appends a generated token.</summary>
    public void Add(int token) => _tokens.Add(token);
}
