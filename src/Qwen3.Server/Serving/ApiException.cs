using Microsoft.AspNetCore.Http;
using Qwen3.Server.Wire;

namespace Qwen3.Server.Serving;

/// <summary>A request is refused, or fails, with an error that its client is to read.</summary>
internal sealed class ApiException : Exception
{
    public ApiException(int statusCode, string message, string type, string? code = null, string? param = null, Exception? innerException = null)
        : base(message, innerException)
    {
        StatusCode = statusCode;
        Error = new() { Message = message, Type = type, Code = code, Param = param };
    }

    public int StatusCode { get; }

    public ErrorBody Error { get; }

    /// <summary>When it is worth trying again.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>By which method the path is to be asked.</summary>
    public string? Allow { get; init; }

    /// <summary>The request itself is wrong.</summary>
    /// <param name="param">The field, as in <c>messages[0].content</c>.</param>
    /// <param name="message">What is wrong with it, as a sentence that begins after the field's name.</param>
    public static ApiException Invalid(string param, string message) =>
        new(StatusCodes.Status400BadRequest, $"'{param}' {message}", "invalid_request_error", "invalid_value", param);
}
