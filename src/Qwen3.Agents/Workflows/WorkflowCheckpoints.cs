using System.Text.Json;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Agents.AI.Workflows.Checkpointing;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>Where the checkpoints of workflows are kept.</summary>
public static class WorkflowCheckpoints
{
    /// <summary>Gets the JSON options that a checkpoint store of your own, or a stored session of the workflow as an agent, needs.</summary>
    public static JsonSerializerOptions JsonOptions { get; } = CreateOptions();

    /// <summary>Keeps checkpoints as files in a folder, which belongs to one process at a time.</summary>
    /// <param name="path">The folder; it is made if it does not exist.</param>
    /// <returns>
    /// The checkpoints. They hold the folder until the process ends; to give it back earlier make the store yourself and dispose it.
    /// </returns>
    /// <exception cref="InvalidOperationException">Another process has the folder, or its index cannot be read.</exception>
    public static CheckpointManager InFolder(string path) => In(new FileSystemJsonCheckpointStore(new(path)));

    /// <summary>Keeps checkpoints in a store.</summary>
    /// <param name="store">The store. Workflows that run at the same time take turns at it.</param>
    /// <returns>The checkpoints.</returns>
    public static CheckpointManager In(JsonCheckpointStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return CheckpointManager.CreateJson(new SharedCheckpointStore(store), JsonOptions);
    }

    private static JsonSerializerOptions CreateOptions()
    {
        var options = new JsonSerializerOptions(AIJsonUtilities.DefaultOptions);
        // Contents of messages by the resolver that knows all their kinds, ours by the other.
        options.TypeInfoResolverChain.Add(AgentsJson.Default);
        options.MakeReadOnly();
        return options;
    }
}
