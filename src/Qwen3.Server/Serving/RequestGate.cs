using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Qwen3.Server.Serving;

/// <summary>Lets in as many requests as there is room for, and none once the host is to stop.</summary>
internal sealed class RequestGate(IOptions<Qwen3ServerOptions> options, IHostApplicationLifetime lifetime)
{
    private int _count;

    /// <summary>Lets a request in.</summary>
    /// <returns>What is disposed when the request leaves.</returns>
    /// <exception cref="ApiException">There is no room, or the host is stopping.</exception>
    public Pass Enter()
    {
        Qwen3ServerOptions settings = options.Value;
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            throw new ApiException(
                StatusCodes.Status503ServiceUnavailable, "The server is about to stop. Ask again when it is back.", "server_error", "shutting_down")
            {
                RetryAfter = settings.RetryAfter,
            };
        }

        if (Interlocked.Increment(ref _count) > settings.MaxConcurrentRequests)
        {
            Interlocked.Decrement(ref _count);
            throw new ApiException(
                StatusCodes.Status429TooManyRequests,
                $"{settings.MaxConcurrentRequests} requests are being answered or wait, which is the most that this server takes. Try again later.",
                "rate_limit_error",
                "queue_full")
            {
                RetryAfter = settings.RetryAfter,
            };
        }

        return new(this);
    }

    /// <summary>A request's stay.</summary>
    public sealed class Pass : IDisposable
    {
        private readonly RequestGate _gate;

        internal Pass(RequestGate gate) => _gate = gate;

        public void Dispose() => Interlocked.Decrement(ref _gate._count);
    }
}
