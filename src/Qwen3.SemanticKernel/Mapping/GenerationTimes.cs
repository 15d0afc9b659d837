using Qwen3.LlamaCpp;
using AI = Microsoft.Extensions.AI;

namespace Qwen3.SemanticKernel.Mapping;

/// <summary>The times of the steps of an answer so far, summed.</summary>
internal sealed class GenerationTimes
{
    private TimeSpan? _queue;
    private TimeSpan? _prompt;
    private TimeSpan? _generation;

    public static GenerationTimes From(IEnumerable<AI.ChatResponseUpdate> updates)
    {
        var times = new GenerationTimes();
        foreach (AI.ChatResponseUpdate update in updates)
        {
            times.Add(update);
        }

        return times;
    }

    /// <returns>
    /// <see langword="true"/> if the update has the times of a step, as the last one of each step has.
    /// </returns>
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

    /// <summary>Adds the times, if there are any, to the metadata of a message.</summary>
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
