using Microsoft.AspNetCore.Http;

namespace Qwen3.Server.Serving;

/// <summary>What is below the prefix and is no endpoint, or is one by another method.</summary>
internal static class UnknownEndpoint
{
    /// <exception cref="ApiException">Always.</exception>
    public static Task Refuse(HttpContext context, string? path)
    {
        string? allowed = path is "chat/completions" ? HttpMethods.Post
            : path is "models" || path?.StartsWith("models/", StringComparison.Ordinal) == true ? HttpMethods.Get
            : null;
        if (allowed is null)
        {
            throw new ApiException(
                StatusCodes.Status404NotFound,
                $"There is no {context.Request.Method} {context.Request.Path} here. This server has chat completions (POST chat/completions) and a list of models " +
                "(GET models).",
                "invalid_request_error",
                "unknown_url");
        }

        throw new ApiException(
            StatusCodes.Status405MethodNotAllowed,
            $"{context.Request.Path} takes {allowed}, and not {context.Request.Method}.",
            "invalid_request_error",
            "method_not_allowed")
        {
            Allow = allowed,
        };
    }
}
