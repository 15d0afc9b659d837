using Microsoft.Extensions.AI;

namespace Qwen3.Chat;

/// <summary>Passes everything on to a client that the caller owns: disposing this one leaves the other one open.</summary>
internal sealed class NonOwningChatClient(IChatClient client) : DelegatingChatClient(client)
{
    // Also what a middleware around this client, or a container, disposes.
    protected override void Dispose(bool disposing)
    {
    }
}
