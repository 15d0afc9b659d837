using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Qwen3.Chat;
using Qwen3.LlamaCpp;
using Qwen3.Server.Wire;

namespace Qwen3.Server.Serving;

/// <summary>Tells a client what a failure is to it, and the log what it is to the server.</summary>
internal sealed partial class ErrorMapping(IOptions<Qwen3ServerOptions> options, ILogger<ErrorMapping> logger)
{
    /// <summary>The error to tell the client of. What this server itself has not said is logged.</summary>
    public ApiException Of(Exception exception)
    {
        if (exception is ApiException said)
        {
            return said;
        }

        ApiException error = Create(exception);
        if (error.StatusCode >= StatusCodes.Status500InternalServerError)
        {
            LogFailure(exception, error.StatusCode);
        }
        else
        {
            LogRefusal(exception, error.StatusCode);
        }

        return error;
    }

    private ApiException Create(Exception exception) => exception switch
    {
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
        GrammarComplexityException => new(
            StatusCodes.Status400BadRequest, exception.Message, "invalid_request_error", "schema_too_complex", innerException: exception),
        InsufficientModelMemoryException => new(
            StatusCodes.Status503ServiceUnavailable,
            "There is not enough memory to load the model; the server's log has the figures.",
            "server_error",
            "insufficient_memory",
            innerException: exception),
        ModelServerException server => OfServer(server),
        // Chat clients say by these what is wrong with a message or an option; that something is null is no word for a client.
        (ArgumentException and not ArgumentNullException) or NotSupportedException => new(
            StatusCodes.Status400BadRequest, MessageOf(exception), "invalid_request_error", "invalid_value", innerException: exception),
        _ => new(
            StatusCodes.Status500InternalServerError,
            "The model failed to answer; the server's log says why.",
            "server_error",
            "internal_error",
            innerException: exception),
    };

    /// <summary>The model is itself on a server, whose address is not for everybody.</summary>
    private ApiException OfServer(ModelServerException exception) => exception switch
    {
        { StatusCode: HttpStatusCode.TooManyRequests } => new(
            StatusCodes.Status429TooManyRequests,
            "The server that hosts the model has more requests than it takes. Try again later.",
            "rate_limit_error",
            "queue_full",
            innerException: exception)
        {
            RetryAfter = options.Value.RetryAfter,
        },
        { StatusCode: HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnprocessableEntity } => new(
            StatusCodes.Status400BadRequest,
            exception.Message.Replace($" at {exception.Endpoint}", "", StringComparison.Ordinal),
            "invalid_request_error",
            "invalid_value",
            innerException: exception),
        { IsTransient: true } => new(
            StatusCodes.Status503ServiceUnavailable,
            "The server that hosts the model does not answer; this server's log says why. Try again later.",
            "server_error",
            "model_unavailable",
            innerException: exception)
        {
            RetryAfter = options.Value.RetryAfter,
        },
        _ => new(
            StatusCodes.Status502BadGateway,
            "The server that hosts the model refused the request; this server's log says why.",
            "server_error",
            "model_server_error",
            innerException: exception),
    };

    /// <summary>Without the name of a method's parameter, which is nothing that a client knows.</summary>
    private static string MessageOf(Exception exception) => exception is ArgumentException { ParamName: { } name }
        ? exception.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal)
        : exception.Message;

    /// <summary>Answers with an error.</summary>
    public static async Task WriteAsync(HttpContext http, ApiException error)
    {
        http.Response.Clear();
        http.Response.StatusCode = error.StatusCode;
        if (error.RetryAfter is { } wait)
        {
            http.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        if (error.Allow is not null)
        {
            http.Response.Headers.Allow = error.Allow;
        }

        if (error.StatusCode == StatusCodes.Status401Unauthorized)
        {
            http.Response.Headers.WWWAuthenticate = "Bearer";
        }

        await http.Response.WriteAsJsonAsync(
            new ErrorResponse { Error = error.Error }, WireJson.Answers.ErrorResponse, cancellationToken: http.RequestAborted).ConfigureAwait(false);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A request failed: {Status}")]
    private partial void LogFailure(Exception exception, int status);

    [LoggerMessage(Level = LogLevel.Information, Message = "A request was refused: {Status}")]
    private partial void LogRefusal(Exception exception, int status);
}
