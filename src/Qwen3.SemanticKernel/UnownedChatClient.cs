using Microsoft.Extensions.AI;

namespace Qwen3.SemanticKernel;

/// <summary>A client that outlives the container that it is registered in.</summary>
internal sealed class UnownedChatClient(IChatClient client) : DelegatingChatClient(client)
{
    protected override void Dispose(bool disposing)
    {
    }
}
