using Microsoft.Extensions.AI;

namespace Qwen3.Server;

/// <summary>How the endpoints of <c>MapQwen3</c> serve the application's chat clients.</summary>
public sealed class Qwen3ServerOptions
{
    /// <summary>
    /// Gets or sets the keys, one of which a request must carry as <c>Authorization: Bearer KEY</c>. The default is none: who reaches the server by
    /// <c>localhost</c> or a loopback address is served, and the server refuses to start where that is more than this machine, unless <see
    /// cref="AllowsAnonymous"/> says that it is meant. Keys can be changed while the server runs; if all are taken away it serves nobody.
    /// </summary>
    public IList<string> ApiKeys { get; set; } = [];

    /// <summary>
    /// Gets or sets whether other machines are served without a key, because something else keeps the door: a proxy, a network of one's own,
    /// authorization of the application itself. The default is no.
    /// </summary>
    public bool AllowsAnonymous { get; set; }

    /// <summary>
    /// Gets or sets by which name requests ask for the <see cref="IChatClient"/> that is registered without a service key. The default, <see
    /// langword="null"/>, is the name that the client itself tells. Clients with a service key go by that.
    /// </summary>
    public string? ModelId { get; set; }

    /// <summary>Gets or sets how many bytes a request may have. The default is 4 MiB. More is answered with status 413.</summary>
    public long MaxRequestBodySize { get; set; } = 4 * 1024 * 1024;

    /// <summary>
    /// Gets or sets how long the sending of a request may take, from its headers to the end of its body. The default is 30 seconds. More is answered
    /// with status 408.
    /// </summary>
    public TimeSpan RequestReadTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets how many messages a request may have. The default is 4,096.</summary>
    public int MaxMessages { get; set; } = 4096;

    /// <summary>Gets or sets how many tools a request may offer. The default is 128, as with OpenAI.</summary>
    public int MaxTools { get; set; } = 128;

    /// <summary>
    /// Gets or sets how many requests are read, answered or wait at the same time, those for all models together. The default is 256. One more is answered
    /// with status 429, as is one that the model's own queue refuses.
    /// </summary>
    public int MaxConcurrentRequests { get; set; } = 256;

    /// <summary>Gets or sets after how long a client that was refused for want of room should try again. The default is 5 seconds.</summary>
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Gets or sets after how long without a token a streamed answer sends a comment, so that clients and proxies do not take the connection for
    /// dead while the request waits or a long prompt is computed. The default is 15 seconds.
    /// </summary>
    public TimeSpan KeepAliveInterval { get; set; } = TimeSpan.FromSeconds(15);
}
