using System.Text.Json;
using Microsoft.Agents.AI;

namespace Qwen3.Agents;

/// <summary>The workflow as an agent, whose sessions are stored and read back with what knows their contents.</summary>
/// <param name="agent">The agent that Agent Framework makes of a workflow.</param>
internal sealed class WorkflowAgent(AIAgent agent) : DelegatingAIAgent(agent)
{
    protected override ValueTask<JsonElement> SerializeSessionCoreAsync(
        AgentSession session, JsonSerializerOptions? jsonSerializerOptions = null, CancellationToken cancellationToken = default) =>
        base.SerializeSessionCoreAsync(session, jsonSerializerOptions ?? WorkflowCheckpoints.JsonOptions, cancellationToken);

    protected override ValueTask<AgentSession> DeserializeSessionCoreAsync(
        JsonElement serializedState, JsonSerializerOptions? jsonSerializerOptions = null, CancellationToken cancellationToken = default) =>
        base.DeserializeSessionCoreAsync(serializedState, jsonSerializerOptions ?? WorkflowCheckpoints.JsonOptions, cancellationToken);
}
