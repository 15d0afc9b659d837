using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Qwen3.LlamaCpp;
using Qwen3.Server.Wire;

namespace Qwen3.Server.Serving;

/// <summary>Tells what a failure is to a client.</summary>
internal sealed class ErrorMapping(IOptions<Qwen3ServerOptions> options)
{
    public ApiException Of(Exception exception) => exception switch
    {
        ApiException error => error,
        RequestQueueFullException => new(
            StatusCodes.Status429TooManyRequests,
            "As many requests wait for the model as may. Try again later.",
            "rate_limit_error",
            "queue_full",
            innerException: exception)
        {
            RetryAfter = options.Value.RetryAfter,
        },
        ContextLengthException context => new(
            StatusCodes.Status400BadRequest,
            $"The conversation has {context.PromptTokens} tokens, and the model's context on this server holds {context.ContextSize}. Shorten it.",
            "invalid_request_error",
            "context_length_exceeded",
            "messages",
            exception),
        InsufficientModelMemoryException => new(
            StatusCodes.Status503ServiceUnavailable,
            "There is not enough memory to load the model; the server's log has the figures.",
            "server_error",
            "insufficient_memory",
            innerException: exception),
        // Chat clients say by these what is wrong with a message or an option.
        ArgumentException or NotSupportedException => new(
            StatusCodes.Status400BadRequest, exception.Message, "invalid_request_error", "invalid_value", innerException: exception),
        _ => new(
            StatusCodes.Status500InternalServerError,
            "The model failed to answer; the server's log says why.",
            "server_error",
            "internal_error",
            innerException: exception),
    };

    /// <summary>Answers with an error.</summary>
    public static async Task WriteAsync(HttpContext http, ApiException error)
    {
        http.Response.Clear();
        http.Response.StatusCode = error.StatusCode;
        if (error.RetryAfter is { } wait)
        {
            http.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        if (error.StatusCode == StatusCodes.Status401Unauthorized)
        {
            http.Response.Headers.WWWAuthenticate = "Bearer";
        }

        await http.Response.WriteAsJsonAsync(
            new ErrorResponse { Error = error.Error }, WireJson.Answers.ErrorResponse, cancellationToken: http.RequestAborted).ConfigureAwait(false);
    }
}
