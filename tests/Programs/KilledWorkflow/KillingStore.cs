using System.Diagnostics;
using System.Text.Json;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Agents.AI.Workflows.Checkpointing;
using Qwen3.Agents.Tests;

/// <summary>
/// Checkpoints in a folder, until one of them has so many results: then it tells the calls that were made, and the process is gone.
/// </summary>
internal sealed class KillingStore(string folder, int results, NanoFunctions functions) : JsonCheckpointStore
{
    private readonly FileSystemJsonCheckpointStore _files = new(new(folder));

    public override async ValueTask<CheckpointInfo> CreateCheckpointAsync(string sessionId, JsonElement value, CheckpointInfo? parent = null)
    {
        CheckpointInfo checkpoint = await _files.CreateCheckpointAsync(sessionId, value, parent);
        if (value.GetRawText().Split("sunny, 21 degrees").Length > results)
        {
            foreach (string call in functions.Calls)
            {
                Console.WriteLine(call);
            }

            Process.GetCurrentProcess().Kill();
        }

        return checkpoint;
    }

    public override ValueTask<JsonElement> RetrieveCheckpointAsync(string sessionId, CheckpointInfo key) =>
        _files.RetrieveCheckpointAsync(sessionId, key);

    public override ValueTask<IEnumerable<CheckpointInfo>> RetrieveIndexAsync(string sessionId, CheckpointInfo? withParent = null) =>
        _files.RetrieveIndexAsync(sessionId, withParent);
}
