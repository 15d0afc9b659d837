using Qwen3.LlamaCpp;
using AI = Microsoft.Extensions.AI;

namespace Qwen3.SemanticKernel.Mapping;

/// <summary>How long the steps of an answer took so far, together.</summary>
internal sealed class GenerationTimes
{
    private TimeSpan? _queue;
    private TimeSpan? _prompt;
    private TimeSpan? _generation;

    public static GenerationTimes Of(IEnumerable<AI.ChatResponseUpdate> updates)
    {
        var times = new GenerationTimes();
        foreach (AI.ChatResponseUpdate update in updates)
        {
            times.Add(update);
        }

        return times;
    }

    /// <returns>Whether the update says how a step went, as the last one of a step does.</returns>
    public bool Add(AI.ChatResponseUpdate update)
    {
        if (update.RawRepresentation is not GenerationResult result)
        {
            return false;
        }

        _queue = _queue.GetValueOrDefault() + result.QueueTime;
        _prompt = _prompt.GetValueOrDefault() + result.PromptTime;
        _generation = _generation.GetValueOrDefault() + result.GenerationTime;
        return true;
    }

    /// <summary>Writes the times, if there are any, under the names that callers read them by.</summary>
    public void WriteTo(Dictionary<string, object?> metadata)
    {
        if (_queue is not null)
        {
            metadata["QueueTime"] = _queue;
            metadata["PromptTime"] = _prompt;
            metadata["GenerationTime"] = _generation;
        }
    }
}
