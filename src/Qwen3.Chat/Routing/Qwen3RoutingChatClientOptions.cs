namespace Qwen3.Chat.Routing;

/// <summary>How a <see cref="Qwen3RoutingChatClient"/> chooses.</summary>
public sealed class Qwen3RoutingChatClientOptions
{
    /// <summary>Gets or sets whether a request that says nothing about thinking goes to the thinking model. The default is no: to the instruct model.</summary>
    public bool ThinksByDefault { get; set; }

    /// <summary>Gets or sets whether disposing the client disposes the two that it chooses from. The default is no.</summary>
    public bool OwnsClients { get; set; }
}
