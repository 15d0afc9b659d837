using System.Text.Json;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Agents.AI.Workflows.Checkpointing;

namespace Qwen3.Agents;

/// <summary>
/// Serializes the access of concurrent workflows to a store, skips the last checkpoints of a session that a killed process
/// has not written to their end, and checks what is read.
/// </summary>
/// <param name="store">The store.</param>
internal sealed class SharedCheckpointStore(JsonCheckpointStore store) : JsonCheckpointStore
{
    private readonly SemaphoreSlim _turn = new(1);

    public override ValueTask<CheckpointInfo> CreateCheckpointAsync(
        string sessionId, JsonElement value, CheckpointInfo? parent = null) =>
        InTurnAsync(() => store.CreateCheckpointAsync(sessionId, value, parent));

    /// <exception cref="CheckpointException">The checkpoint cannot be used.</exception>
    public override async ValueTask<JsonElement> RetrieveCheckpointAsync(string sessionId, CheckpointInfo key)
    {
        JsonElement checkpoint;
        try
        {
            checkpoint = await InTurnAsync(() => store.RetrieveCheckpointAsync(sessionId, key)).ConfigureAwait(false);
        }
        catch (JsonException e)
        {
            throw new CheckpointException($"{Describe(key)} is not JSON: {e.Message}", e);
        }

        return CheckpointCheck.FindWrongForm(checkpoint) is { } form
            ? throw new CheckpointException($"{Describe(key)} is not a checkpoint: {form} Begin the session again.")
            : CheckpointCheck.FindDamage(checkpoint) is { } damage
            ? throw new CheckpointException($"{Describe(key)} is damaged: {damage} Begin the session again.") { IsCheckpoint = true }
            : checkpoint;
    }

    public override ValueTask<IEnumerable<CheckpointInfo>> RetrieveIndexAsync(
        string sessionId, CheckpointInfo? withParent = null) =>
        InTurnAsync<IEnumerable<CheckpointInfo>>(async () =>
        {
            List<CheckpointInfo> index =
                [.. await store.RetrieveIndexAsync(sessionId, withParent).ConfigureAwait(false)];
            while (index.Count > 0 && !await IsCompleteAsync(sessionId, index[^1]).ConfigureAwait(false))
            {
                index.RemoveAt(index.Count - 1);
            }

            return index;
        });

    /// <summary>Returns the words for a checkpoint, with its file where there is one.</summary>
    public string Describe(CheckpointInfo checkpoint) => store switch
    {
        CheckpointFolder folder => $"The checkpoint {folder.PathOf(checkpoint)}",
        FileSystemJsonCheckpointStore => $"The checkpoint {CheckpointFolder.FileName(checkpoint)}",
        _ => $"The checkpoint {checkpoint.CheckpointId} of the session {checkpoint.SessionId}",
    };

    private async ValueTask<bool> IsCompleteAsync(string sessionId, CheckpointInfo checkpoint)
    {
        try
        {
            await store.RetrieveCheckpointAsync(sessionId, checkpoint).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or FileNotFoundException)
        {
            // Not written to its end, or deleted since.
            return false;
        }
    }

    private async ValueTask<T> InTurnAsync<T>(Func<ValueTask<T>> action)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            return await action().ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }
}
