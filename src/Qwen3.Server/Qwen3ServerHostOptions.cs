using Microsoft.AspNetCore.Builder;
using Qwen3.Chat;

namespace Qwen3.Server;

/// <summary>What a <see cref="Qwen3ServerHost"/> serves, and where.</summary>
public sealed class Qwen3ServerHostOptions
{
    /// <summary>
    /// Gets or sets the address to listen at: <c>localhost</c>, an IP address, or <c>*</c> for all. The default is <c>127.0.0.1</c>, where only this
    /// machine comes to; others need a key to be set.
    /// </summary>
    public string Host { get; set; } = "127.0.0.1";

    /// <summary>Gets or sets the port. The default is 8080; 0 takes a free one.</summary>
    public int Port { get; set; } = 8080;

    /// <summary>
    /// Gets or sets what sets the endpoints' keys and limits. They are also read from the section <c>Qwen3Server</c> of the configuration.
    /// </summary>
    public Action<Qwen3ServerOptions>? ConfigureServer { get; set; }

    /// <summary>Gets or sets what sets how the model is loaded and treated. By default it is loaded at the start.</summary>
    public Action<Qwen3ChatClientOptions>? ConfigureModel { get; set; }

    /// <summary>Gets or sets what adds to the program itself: logging, further models.</summary>
    public Action<WebApplicationBuilder>? ConfigureBuilder { get; set; }
}
