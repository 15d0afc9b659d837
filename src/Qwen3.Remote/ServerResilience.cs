using System.Net.Http.Headers;
using Microsoft.Extensions.Http.Resilience;
using Polly;
using Polly.Retry;

namespace Qwen3.Remote;

/// <summary>Retries and a circuit breaker around the sending of a request.</summary>
/// <remarks>
/// A response counts as there once its headers are, so that a stream that has begun is neither cut by a time limit nor asked for again.
/// </remarks>
internal static class ServerResilience
{
    private static readonly TimeSpan s_connectionLifetime = TimeSpan.FromMinutes(2), s_connectTimeout = TimeSpan.FromSeconds(10);

    public static void Add(ResiliencePipelineBuilder<HttpResponseMessage> pipeline, Qwen3RemoteChatClientOptions options)
    {
        pipeline.TimeProvider = options.TimeProvider;
        if (options.MaxRetries > 0)
        {
            var retry = new HttpRetryStrategyOptions { MaxRetryAttempts = options.MaxRetries, Delay = options.RetryDelay };
            Func<RetryPredicateArguments<HttpResponseMessage>, ValueTask<bool>> isTransient = retry.ShouldHandle;
            retry.ShouldHandle = attempt => IsTooLong(attempt.Outcome.Result?.Headers.RetryAfter, options) ? ValueTask.FromResult(false) : isTransient(attempt);
            pipeline.AddRetry(retry);
        }

        pipeline.AddCircuitBreaker(new HttpCircuitBreakerStrategyOptions());
    }

    public static HttpClient CreateClient(Qwen3RemoteChatClientOptions options)
    {
        var pipeline = new ResiliencePipelineBuilder<HttpResponseMessage>();
        Add(pipeline, options);
        return new(new ResilienceHandler(pipeline.Build()) { InnerHandler = CreateHandler() }) { Timeout = System.Threading.Timeout.InfiniteTimeSpan };
    }

    /// <summary>A handler that sees changes of the name service, though the client that it belongs to stays, and closes at once what is left.</summary>
    public static SocketsHttpHandler CreateHandler() => new()
    {
        PooledConnectionLifetime = s_connectionLifetime,
        // An answer may take long, but a server that is there takes a connection at once.
        ConnectTimeout = s_connectTimeout,
        // Where a conversation goes is for the caller to say, and the key would stay behind.
        AllowAutoRedirect = false,
        // It would read on for two seconds, to save the connection, while the server computes what nobody wants.
        ResponseDrainTimeout = TimeSpan.Zero,
    };

    /// <summary>Whether the time limit would come before the time that the server asks to be left alone for, and say something else than the server.</summary>
    private static bool IsTooLong(RetryConditionHeaderValue? retryAfter, Qwen3RemoteChatClientOptions options) =>
        options.Timeout != System.Threading.Timeout.InfiniteTimeSpan &&
        (retryAfter?.Delta ?? retryAfter?.Date - options.TimeProvider.GetUtcNow()) >= options.Timeout;
}
