using System.Text.Json;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Agents.AI.Workflows.Checkpointing;

namespace Qwen3.Agents;

/// <summary>
/// Has the workflows that run at the same time take turns at a store, for that of files is not made for several, and passes over a last checkpoint
/// that a killed process has left half written: that of files puts one into its index before the file is complete.
/// </summary>
/// <param name="store">The store.</param>
internal sealed class SharedCheckpointStore(JsonCheckpointStore store) : JsonCheckpointStore
{
    private readonly SemaphoreSlim _turn = new(1);

    public override ValueTask<CheckpointInfo> CreateCheckpointAsync(string sessionId, JsonElement value, CheckpointInfo? parent = null) =>
        InTurnAsync(() => store.CreateCheckpointAsync(sessionId, value, parent));

    public override ValueTask<JsonElement> RetrieveCheckpointAsync(string sessionId, CheckpointInfo key) =>
        InTurnAsync(() => store.RetrieveCheckpointAsync(sessionId, key));

    public override ValueTask<IEnumerable<CheckpointInfo>> RetrieveIndexAsync(string sessionId, CheckpointInfo? withParent = null) =>
        InTurnAsync<IEnumerable<CheckpointInfo>>(async () =>
        {
            List<CheckpointInfo> index = [.. await store.RetrieveIndexAsync(sessionId, withParent).ConfigureAwait(false)];
            while (index.Count > 0 && !await IsWholeAsync(sessionId, index[^1]).ConfigureAwait(false))
            {
                index.RemoveAt(index.Count - 1);
            }

            return index;
        });

    private async ValueTask<bool> IsWholeAsync(string sessionId, CheckpointInfo checkpoint)
    {
        try
        {
            await store.RetrieveCheckpointAsync(sessionId, checkpoint).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or FileNotFoundException)
        {
            // Half written, or deleted since.
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
