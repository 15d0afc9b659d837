using Qwen3.LlamaCpp.Sampling;
using Qwen3.LlamaCpp.Scheduling;

namespace Qwen3.LlamaCpp.Execution;

/// <summary>A request that the engine has admitted.</summary>
/// <param name="generation">The caller's view of it.</param>
/// <param name="sampler">Samples its tokens. It is disposed with this.</param>
internal sealed class EngineRequest(Generation generation, ITokenSampler sampler)
    : ScheduledRequest(generation.Request.Prompt), IDisposable
{
    public Generation Generation { get; } = generation;

    public ITokenSampler Sampler { get; } = sampler;

    public ThinkingWatch? Thinking { get; } = generation.Request.ThinkingLimit is { } limit ? new(limit) : null;

    /// <summary>Gets or sets where in the batch the logits for the next token are, or −1 if the step does not compute them.</summary>
    public int OutputIndex { get; set; } = -1;

    public void Dispose() => Sampler.Dispose();
}
