using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Qwen3.Chat;

namespace Qwen3.Remote;

/// <summary>The options of a <see cref="Qwen3RemoteChatClient"/>.</summary>
public sealed class Qwen3RemoteChatClientOptions
{
    /// <summary>Gets or sets the server's OpenAI-compatible endpoint, such as <c>http://gpu-pool:8000/v1</c>.</summary>
    public Uri? Endpoint { get; set; }

    /// <summary>Gets or sets the model's name on the server, such as <c>Qwen/Qwen3-4B-Instruct-2507</c>.</summary>
    public string? Model { get; set; }

    /// <summary>Gets or sets the API key. The default is <see langword="null"/>: no key is sent.</summary>
    public string? ApiKey { get; set; }

    /// <summary>
    /// Gets or sets the server. The default, <see langword="null"/>, detects it before the first request.
    /// </summary>
    public ModelServer? Server { get; set; }

    /// <summary>
    /// Gets or sets the model's variant. The default, <see langword="null"/>, reads it from the model's name:
    /// <c>thinking</c> is Thinking, <c>instruct</c> or <c>2507</c> alone is Instruct, any other <c>qwen3</c> is Hybrid.
    /// </summary>
    public Qwen3Variant? Variant { get; set; }

    /// <summary>
    /// Gets or sets the thinking budget for each <see cref="ReasoningEffort"/>, where the server can limit the
    /// thinking.
    /// </summary>
    public ThinkingBudgets ThinkingBudgets { get; set; } = new();

    /// <summary>
    /// Gets or sets the most tokens that a conversation and its answer can have together: Ollama's <c>num_ctx</c>. The
    /// default, <see langword="null"/>, is the server's setting. Other servers take the context size at their start
    /// only.
    /// </summary>
    public int? ContextSize { get; set; }

    /// <summary>
    /// Gets or sets the HTTP client to use. The caller keeps and disposes it, and no retries are added to it; its
    /// <see cref="HttpClient.Timeout"/> should be infinite. The default, <see langword="null"/>, is a client with
    /// retries and a circuit breaker.
    /// </summary>
    public HttpClient? HttpClient { get; set; }

    /// <summary>
    /// Gets or sets the number of retries of a request that cannot reach the server, or is answered with 408, 429 or
    /// 5xx. The default is 3; 0 switches retries off.
    /// </summary>
    public int MaxRetries { get; set; } = 3;

    /// <summary>
    /// Gets or sets the delay before the first retry, where the server does not send <c>Retry-After</c>. It doubles
    /// with each retry. The default is one second.
    /// </summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Gets or sets the longest time without data: until the response begins, retries included, and between two pieces
    /// of it. The default is ten minutes.
    /// </summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Gets or sets the logger factory. The default, <see langword="null"/>, logs nothing.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>Gets or sets the clock of the retries and of the timeout. The default is the system's.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;
}
