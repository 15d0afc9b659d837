using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Agents.AI.Workflows.Checkpointing;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>Where the checkpoints of workflows are kept.</summary>
public static class WorkflowCheckpoints
{
    // Agent Framework's manager does not tell its store.
    private static readonly ConditionalWeakTable<CheckpointManager, SharedCheckpointStore> s_stores = [];

    /// <summary>Gets the JSON options that a checkpoint store of your own, or a stored session of the workflow as an agent, needs.</summary>
    public static JsonSerializerOptions JsonOptions { get; } = CreateOptions();

    /// <summary>Stores checkpoints as files in a folder, which belongs to one process at a time.</summary>
    /// <param name="path">The folder. It is created if it does not exist.</param>
    /// <returns>
    /// The checkpoints. They hold the folder until the process ends. To close it earlier, pass a
    /// <see cref="CheckpointFolder"/> to <see cref="In"/> and dispose it.
    /// </returns>
    /// <exception cref="CheckpointException">
    /// Another process uses the folder, or its index cannot be read or written.
    /// </exception>
    public static CheckpointManager InFolder(string path) => In(new CheckpointFolder(path));

    /// <summary>Stores checkpoints in a store of your own.</summary>
    /// <param name="store">The store. Concurrent workflows access it one at a time.</param>
    /// <returns>The checkpoints.</returns>
    public static CheckpointManager In(JsonCheckpointStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        var shared = new SharedCheckpointStore(store);
        CheckpointManager checkpoints = CheckpointManager.CreateJson(shared, JsonOptions);
        s_stores.Add(checkpoints, shared);
        return checkpoints;
    }

    /// <summary>Returns the words for a checkpoint, with its file where there is one.</summary>
    internal static string Describe(CheckpointManager checkpoints, CheckpointInfo checkpoint) =>
        s_stores.TryGetValue(checkpoints, out SharedCheckpointStore? store)
            ? store.Describe(checkpoint)
            : $"The checkpoint {checkpoint.CheckpointId} of the session {checkpoint.SessionId}";

    private static JsonSerializerOptions CreateOptions()
    {
        var options = new JsonSerializerOptions(AIJsonUtilities.DefaultOptions);
        // Contents of messages by the resolver that knows all their kinds, ours by the other.
        options.TypeInfoResolverChain.Add(CheckpointJson.Default);
        options.MakeReadOnly();
        return options;
    }
}
