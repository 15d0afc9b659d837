using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Qwen3.Server.Wire;

namespace Qwen3.Server.Serving;

/// <summary>Reads a request's body, within limits of size and of time.</summary>
internal sealed class RequestReader(IOptions<Qwen3ServerOptions> options, TimeProvider timeProvider)
{
    // Each takes some hundred bytes once it is read, forty times what it may take in the body. Conversations have some thousands.
    private const int MaxObjects = 100_000;

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

        if (context.Request.Headers.ContentEncoding is { Count: > 0 } encoding && !encoding.ToString().Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            throw new ApiException(
                StatusCodes.Status415UnsupportedMediaType,
                $"The body has the content encoding '{encoding}'. Send it as it is, without compression.",
                "invalid_request_error",
                "unsupported_content_encoding");
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
            ReadOnlySpan<byte> body = (await ReadBodyAsync(context).ConfigureAwait(false)).Span;
            CheckObjects(body);
            return JsonSerializer.Deserialize(body, WireJson.Requests.ChatCompletionRequest)
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

    private async Task<ReadOnlyMemory<byte>> ReadBodyAsync(HttpContext context)
    {
        TimeSpan timeout = options.Value.RequestReadTimeout;
        using var deadline = new CancellationTokenSource(timeout, timeProvider);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, context.RequestAborted);
        using var body = new MemoryStream();
        try
        {
            await context.Request.Body.CopyToAsync(body, ended.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (deadline.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
        {
            throw new ApiException(
                StatusCodes.Status408RequestTimeout,
                $"The request body was not received within {timeout.TotalSeconds} seconds.",
                "invalid_request_error",
                "request_timeout",
                innerException: e);
        }

        catch (Exception e) when (e is not (OperationCanceledException or BadHttpRequestException) && !context.RequestAborted.IsCancellationRequested)
        {
            // Kestrel throws other exceptions for some malformed bodies, an OverflowException for a huge chunk size.
            throw new ApiException(
                StatusCodes.Status400BadRequest,
                "The request body is not valid HTTP: a chunk cannot be read.",
                "invalid_request_error",
                "bad_request",
                innerException: e);
        }

        ReadOnlyMemory<byte> read = body.GetBuffer().AsMemory(0, (int)body.Length);
        ReadOnlySpan<byte> mark = Encoding.UTF8.Preamble;
        return read.Span.StartsWith(mark) ? read[mark.Length..] : read;
    }

    /// <summary>Refuses what would take far more memory than its size says. What is no JSON is left for the serializer to tell.</summary>
    private static void CheckObjects(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        // As it is written, for not every name is a text.
        ReadOnlySpan<byte> field = default;
        int count = 0;
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1)
                {
                    field = reader.ValueSpan;
                }
                else if (reader.TokenType == JsonTokenType.StartObject && ++count > MaxObjects)
                {
                    throw ApiException.Invalid(
                        Encoding.UTF8.GetString(field), $"goes beyond the {MaxObjects} objects that this server reads in a request.");
                }
            }
        }
        catch (JsonException)
        {
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
