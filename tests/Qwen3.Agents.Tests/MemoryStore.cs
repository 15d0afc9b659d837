using System.Text.Json;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Agents.AI.Workflows.Checkpointing;

namespace Qwen3.Agents.Tests;

/// <summary>Checkpoints in memory.</summary>
/// <param name="whileWriting">What happens while one is written.</param>
internal sealed class MemoryStore(Action<string>? whileWriting = null) : JsonCheckpointStore
{
    private readonly List<(CheckpointInfo Key, JsonElement Value)> _checkpoints = [];

    public int Count => _checkpoints.Count;

    /// <summary>The checkpoints as they were when there were so many, which is how a process that is killed leaves them.</summary>
    public MemoryStore First(int count)
    {
        var store = new MemoryStore();
        store._checkpoints.AddRange(_checkpoints[..count]);
        return store;
    }

    /// <summary>Gets the checkpoints as JSON, in the order in which they were written.</summary>
    public IEnumerable<string> Texts => _checkpoints.Select(checkpoint => checkpoint.Value.GetRawText());

    /// <summary>Creates a store that has one checkpoint of the session <c>session</c>.</summary>
    public static MemoryStore Of(string json)
    {
        var store = new MemoryStore();
        store._checkpoints.Add((new("session", $"{Guid.NewGuid():N}"), JsonElement.Parse(json)));
        return store;
    }

    public override ValueTask<CheckpointInfo> CreateCheckpointAsync(string sessionId, JsonElement value, CheckpointInfo? parent = null)
    {
        whileWriting?.Invoke(value.GetRawText());
        _checkpoints.Add((new(sessionId, $"{Guid.NewGuid():N}"), value));
        return new(_checkpoints[^1].Key);
    }

    public override ValueTask<JsonElement> RetrieveCheckpointAsync(string sessionId, CheckpointInfo key) =>
        new(_checkpoints.Single(checkpoint => checkpoint.Key == key).Value);

    public override ValueTask<IEnumerable<CheckpointInfo>> RetrieveIndexAsync(string sessionId, CheckpointInfo? withParent = null) =>
        new(_checkpoints.Select(checkpoint => checkpoint.Key).Where(key => key.SessionId == sessionId));
}
