using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Qwen3.Chat;

namespace Qwen3.Remote;

/// <summary>Where a <see cref="Qwen3RemoteChatClient"/> finds its model, and how it treats it.</summary>
public sealed class Qwen3RemoteChatClientOptions
{
    /// <summary>Gets or sets the server's OpenAI-compatible endpoint, such as <c>http://gpu-pool:8000/v1</c>.</summary>
    public Uri? Endpoint { get; set; }

    /// <summary>Gets or sets the model's name on the server, such as <c>Qwen/Qwen3-4B-Instruct-2507</c>.</summary>
    public string? Model { get; set; }

    /// <summary>Gets or sets the key that the server asks for. The default is none.</summary>
    public string? ApiKey { get; set; }

    /// <summary>Gets or sets which server it is. The default, <see langword="null"/>, asks it before the first request.</summary>
    public ModelServer? Server { get; set; }

    /// <summary>
    /// Gets or sets which variant the model is. The default, <see langword="null"/>, reads it off the model's name: <c>thinking</c> is Thinking,
    /// <c>instruct</c> or <c>2507</c> alone is Instruct, any other <c>qwen3</c> is Hybrid.
    /// </summary>
    public Qwen3Variant? Variant { get; set; }

    /// <summary>
    /// Gets or sets how long the model may think for each <see cref="ReasoningEffort"/> that a request asks for, where the server can limit that.
    /// </summary>
    public ThinkingBudgets ThinkingBudgets { get; set; } = new();

    /// <summary>
    /// Gets or sets how many tokens a conversation and its answer may have together, where a request says so: with Ollama, whose <c>num_ctx</c> it is.
    /// The default, <see langword="null"/>, is as the server is set. The other servers are told at their start.
    /// </summary>
    public int? ContextSize { get; set; }

    /// <summary>
    /// Gets or sets the HTTP client to use, which stays the caller's; no retries are added to it, and its <see cref="HttpClient.Timeout"/> should be
    /// infinite. The default, <see langword="null"/>, is one of the client's own.
    /// </summary>
    public HttpClient? HttpClient { get; set; }

    /// <summary>
    /// Gets or sets how often a request is sent again where the server cannot be reached, is overloaded (429, 503) or fails before it has begun to
    /// answer. The default is 3; 0 is never.
    /// </summary>
    public int MaxRetries { get; set; } = 3;

    /// <summary>
    /// Gets or sets how long to wait before the first of the retries, the others waiting longer, where the server does not say so by
    /// <c>Retry-After</c>. The default is a second.
    /// </summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Gets or sets how long the server may be silent: until a whole answer is there, or, where it is streamed, until the next piece. The default is ten
    /// minutes.
    /// </summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Gets or sets where the client's log goes. The default is nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>Gets or sets the clock of the retries. The default is the system's.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;
}
