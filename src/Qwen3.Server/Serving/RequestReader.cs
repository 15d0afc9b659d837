using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Qwen3.Server.Wire;

namespace Qwen3.Server.Serving;

/// <summary>Reads a request's body, of a size that is limited.</summary>
internal sealed class RequestReader(IOptions<Qwen3ServerOptions> options)
{
    /// <exception cref="ApiException">The body is no JSON, has a value of the wrong type, or is too large.</exception>
    public async Task<ChatCompletionRequest> ReadAsync(HttpContext context)
    {
        // Asked for, because a page of another site may send any other type to a server on its reader's own machine.
        if (!context.Request.HasJsonContentType())
        {
            throw new ApiException(
                StatusCodes.Status415UnsupportedMediaType,
                $"The content type is '{context.Request.ContentType}'. Send JSON, with the header 'Content-Type: application/json'.",
                "invalid_request_error",
                "unsupported_media_type");
        }

        long limit = options.Value.MaxRequestBodySize;
        if (context.Request.ContentLength > limit)
        {
            throw TooLarge(limit);
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            feature.MaxRequestBodySize = limit;
        }

        try
        {
            return await JsonSerializer.DeserializeAsync(
                context.Request.Body, WireJson.Requests.ChatCompletionRequest, context.RequestAborted).ConfigureAwait(false)
                ?? throw Malformed("The body is null; it must be a JSON object.", null);
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw TooLarge(limit);
        }
        catch (BadHttpRequestException e)
        {
            throw new ApiException(e.StatusCode, e.Message, "invalid_request_error", "bad_request", innerException: e);
        }
        catch (JsonException e)
        {
            throw Malformed(e);
        }
    }

    private static ApiException TooLarge(long limit) => new(
        StatusCodes.Status413PayloadTooLarge,
        $"The request has more than {limit} bytes, which is the most that this server reads.",
        "invalid_request_error",
        "request_too_large");

    private static ApiException Malformed(JsonException exception)
    {
        string? param = exception.Path is { Length: > 2 } path && path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : null;
        // What the JSON reader itself stumbled over is there as an inner exception.
        if (exception.InnerException is JsonException syntax)
        {
            string place = $"at line {syntax.LineNumber + 1}, byte {syntax.BytePositionInLine + 1}{(param is null ? "" : $", in '{param}'")}";
            return Malformed($"The body is no valid JSON, {place}.", param);
        }

        bool isOurs = !exception.Message.Contains("LineNumber", StringComparison.Ordinal);
        string what = isOurs ? exception.Message : exception.InnerException is null ? "It is of the wrong type." : "It is no valid text.";
        return Malformed(param is null ? $"The body cannot be read. {what}" : $"'{param}' cannot be read. {what}", param);
    }

    private static ApiException Malformed(string message, string? param) =>
        new(StatusCodes.Status400BadRequest, message, "invalid_request_error", "invalid_value", param);
}
