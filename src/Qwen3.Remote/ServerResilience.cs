using System.Net.Http.Headers;
using Microsoft.Extensions.Http.Resilience;
using Polly;
using Polly.Retry;

namespace Qwen3.Remote;

/// <summary>Creates HTTP clients with retries and a circuit breaker.</summary>
/// <remarks>Both end with the response headers: a stream that has begun is neither cut by a timeout nor requested
/// again.</remarks>
internal static class ServerResilience
{
    private static readonly TimeSpan s_connectionLifetime =
        TimeSpan.FromMinutes(2), s_connectTimeout = TimeSpan.FromSeconds(10);

    public static void Add(
        ResiliencePipelineBuilder<HttpResponseMessage> pipeline, Qwen3RemoteChatClientOptions options)
    {
        pipeline.TimeProvider = options.TimeProvider;
        if (options.MaxRetries > 0)
        {
            var retry =
                new HttpRetryStrategyOptions { MaxRetryAttempts = options.MaxRetries, Delay = options.RetryDelay };
            Func<RetryPredicateArguments<HttpResponseMessage>, ValueTask<bool>> isTransient = retry.ShouldHandle;
            retry.ShouldHandle = attempt => IsTooLong(attempt.Outcome.Result?.Headers.RetryAfter, options)
                ? ValueTask.FromResult(false)
                : isTransient(attempt);
            pipeline.AddRetry(retry);
        }

        pipeline.AddCircuitBreaker(new HttpCircuitBreakerStrategyOptions());
    }

    public static HttpClient CreateClient(Qwen3RemoteChatClientOptions options)
    {
        var pipeline = new ResiliencePipelineBuilder<HttpResponseMessage>();
        Add(pipeline, options);
        var handler = new ResilienceHandler(pipeline.Build()) { InnerHandler = CreateHandler() };
        return new(handler) { Timeout = System.Threading.Timeout.InfiniteTimeSpan };
    }

    /// <summary>Creates a handler that follows DNS changes although its client is long-lived.</summary>
    public static SocketsHttpHandler CreateHandler() => new()
    {
        PooledConnectionLifetime = s_connectionLifetime,
        // An answer can take long, but a running server accepts a connection at once.
        ConnectTimeout = s_connectTimeout,
        // The caller decides where a conversation is sent.
        AllowAutoRedirect = false,
        // Draining would keep the server computing for two more seconds.
        ResponseDrainTimeout = TimeSpan.Zero,
    };

    /// <summary>Whether the timeout would end the wait that the server asks for, and hide the reason.</summary>
    private static bool IsTooLong(RetryConditionHeaderValue? retryAfter, Qwen3RemoteChatClientOptions options) =>
        options.Timeout != System.Threading.Timeout.InfiniteTimeSpan &&
        (retryAfter?.Delta ?? retryAfter?.Date - options.TimeProvider.GetUtcNow()) >= options.Timeout;
}
