using System.Net;

namespace Qwen3.Chat.Models;

/// <summary>
/// Sends a request to a hub again after a transient failure, and limits the time to the response headers of each
/// attempt.
/// </summary>
/// <param name="options">The number of retries, the delay, the timeout and the clock.</param>
/// <param name="onRetry">Invoked with the reason of each failure and the delay before the next attempt.</param>
/// <param name="innerHandler">The handler that sends the request.</param>
internal sealed class RetryHandler(
    ModelHubOptions options, Action<string, TimeSpan> onRetry, HttpMessageHandler innerHandler)
    : DelegatingHandler(innerHandler)
{
    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        for (int retries = 0; ; retries++)
        {
            HttpResponseMessage? response = null;
            string reason;
            try
            {
                response = await AttemptAsync(request, cancellationToken).ConfigureAwait(false);
                if (retries == options.MaxRetries || !IsTransient(response.StatusCode) ||
                    RetryAfter.Read(response, options.TimeProvider) > RetryAfter.Longest)
                {
                    return response;
                }

                reason = $"it answered {(int)response.StatusCode}";
            }
            catch (Exception e) when (retries < options.MaxRetries && e is HttpRequestException or TimeoutException)
            {
                reason = e.Message;
            }

            TimeSpan delay = RetryAfter.Read(response, options.TimeProvider) ?? Backoff(retries);
            response?.Dispose();
            onRetry(reason, delay);
            if (request.Options.TryGetValue(HubConnection.RetryKey, out Action<int>? report))
            {
                report(retries + 1);
            }

            await Task.Delay(delay, options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    private static bool IsTransient(HttpStatusCode status) => (int)status is 408 or 429 or >= 500;

    private async Task<HttpResponseMessage> AttemptAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.Timeout, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await base.SendAsync(request, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (timeout.IsCancellationRequested
            && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"No response was received within {options.Timeout.TotalSeconds} s.", e);
        }
    }

    /// <summary>
    /// Doubles with each retry, with jitter, so that clients that failed together do not return together.
    /// </summary>
    private TimeSpan Backoff(int retries)
    {
        double factor = Math.Pow(2, Math.Min(retries, 30)) * (0.5 + Random.Shared.NextDouble());
        return TimeSpan.FromSeconds(
            Math.Min(options.RetryDelay.TotalSeconds * factor, RetryAfter.Longest.TotalSeconds));
    }
}
