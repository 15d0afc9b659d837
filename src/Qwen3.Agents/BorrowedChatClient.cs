using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>A client of somebody else, which what is put around it does not dispose.</summary>
internal sealed class BorrowedChatClient(IChatClient client) : DelegatingChatClient(client)
{
    protected override void Dispose(bool disposing)
    {
    }
}
