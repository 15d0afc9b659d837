using System.Text.Json;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Agents.AI.Workflows.Checkpointing;

namespace Qwen3.Agents.Tests;

/// <summary>Checkpoints in memory; something happens while one is written.</summary>
internal sealed class SlowStore(Action<string> whileWriting) : JsonCheckpointStore
{
    private readonly List<(CheckpointInfo Key, JsonElement Value)> _checkpoints = [];

    public override ValueTask<CheckpointInfo> CreateCheckpointAsync(string sessionId, JsonElement value, CheckpointInfo? parent = null)
    {
        whileWriting(value.GetRawText());
        _checkpoints.Add((new(sessionId, $"{_checkpoints.Count}"), value));
        return new(_checkpoints[^1].Key);
    }

    public override ValueTask<JsonElement> RetrieveCheckpointAsync(string sessionId, CheckpointInfo key) =>
        new(_checkpoints.Single(checkpoint => checkpoint.Key == key).Value);

    public override ValueTask<IEnumerable<CheckpointInfo>> RetrieveIndexAsync(string sessionId, CheckpointInfo? withParent = null) =>
        new(_checkpoints.Select(checkpoint => checkpoint.Key).Where(key => key.SessionId == sessionId));
}
