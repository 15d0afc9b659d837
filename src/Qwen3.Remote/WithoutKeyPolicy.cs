using System.ClientModel.Primitives;

namespace Qwen3.Remote;

/// <summary>Takes the key off requests that the OpenAI SDK does not make without one, so that the HTTP client's own, if it has one, stays.</summary>
internal sealed class WithoutKeyPolicy : PipelinePolicy
{
    public override void Process(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
    {
        message.Request.Headers.Remove("Authorization");
        ProcessNext(message, pipeline, currentIndex);
    }

    public override ValueTask ProcessAsync(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
    {
        message.Request.Headers.Remove("Authorization");
        return ProcessNextAsync(message, pipeline, currentIndex);
    }
}
