using System.Net;
using System.Text.Json;
using Polly;
using Polly.Timeout;
using Qwen3.Chat;

namespace Qwen3.Remote;

/// <summary>
/// Maps the failures of a server to exceptions that name the server, what it said and what to do, without the API key.
/// </summary>
internal sealed class ServerErrors(Qwen3RemoteChatClientOptions options)
{
    private const string Redacted = "(the API key)";

    private const int QuotedLength = 200, MaxErrorLength = 1_000;

    /// <summary>Whether the server refused a request because it runs without a tool call parser.</summary>
    public static bool LacksToolParser(Exception exception) => IsRefusal(exception, "enable-auto-tool-choice");

    /// <summary>Whether the server refused a request because it cannot limit the thinking.</summary>
    public static bool LacksThinkingBudget(Exception exception) =>
        IsRefusal(exception, "thinking_token_budget") || IsRefusal(exception, "reasoning_config");

    /// <summary>
    /// Returns the error message in a JSON value that is not an answer; <see langword="null"/> if it has none.
    /// </summary>
    public static string? Message(JsonElement json)
    {
        JsonElement error = WireJson.Get(json, "error");
        string? text = error.ValueKind switch
        {
            JsonValueKind.Object or JsonValueKind.Array => error.GetRawText() is { Length: > 2 } raw ? raw : null,
            JsonValueKind.True or JsonValueKind.False => null,
            _ => WireJson.Scalar(error),
        };
        // Some servers write the message at the top level.
        return WireJson.Scalar(WireJson.Get(error, "message", "detail", "type")) ?? text ??
            WireJson.Scalar(WireJson.Get(json, "message", "detail"));
    }

    /// <summary>Maps an exception; returns <see langword="null"/> if it is not about the server.</summary>
    /// <param name="exception">The exception.</param>
    /// <param name="hasBegun">Whether the answer had begun.</param>
    /// <param name="cancellationToken">The request's token: its cancellation is not an error.</param>
    public ModelServerException? Map(
        Exception exception, bool hasBegun, CancellationToken cancellationToken) => exception switch
    {
        _ when cancellationToken.IsCancellationRequested => null,
        ModelServerException error => error,
        IOException { InnerException: TimeoutException } => Silent(exception),
        // Thrown by HttpClient and by the handlers of the caller's HttpClient. The message names the limit.
        OperationCanceledException { InnerException: TimeoutException connecting } => Transient(
            exception.Message.Contains("HttpClient.Timeout", StringComparison.Ordinal)
                ? $"did not answer within a timeout of {nameof(options.HttpClient)}: {exception.Message} Increase it"
                : $"cannot be reached: {connecting.Message} Check the address, and that the server is running",
            exception),
        TimeoutRejectedException => Transient(
            $"did not answer within a timeout of {nameof(options.HttpClient)}: {exception.Message} Increase it",
            exception),
        OperationCanceledException or TimeoutException => Silent(exception),
        ExecutionRejectedException => Transient(
            "failed too often and is not asked for some seconds (the circuit is open)", exception),
        ObjectDisposedException => null,
        HttpRequestException or IOException => Transient(
            hasBegun
                ? $"broke off in the middle of its answer: {exception.Message}"
                : $"cannot be reached: {exception.Message} Check the address, and that the server is running",
            exception),
        _ => null,
    };

    /// <summary>The stream ended before the answer did, or reported an error.</summary>
    /// <param name="reason">The server's error, or <see langword="null"/>.</param>
    public ModelServerException BrokenOff(string? reason) => Transient(
        reason is null
            ? "broke off in the middle of its answer"
            : $"could not go on in the middle of its answer: {Quote(reason, MaxErrorLength)}",
        null);

    /// <summary>A piece of a stream is not JSON.</summary>
    public ModelServerException UnreadableEvent(string quote) =>
        Transient($"broke off in the middle of its answer: it sent '{WithoutKey(quote)}', which is not JSON", null);

    /// <summary>The response has no answer in it.</summary>
    /// <param name="body">The start of the response.</param>
    public ModelServerException Unreadable(string body) => Create(
        body.Trim().Length == 0
            ? $"answered with an empty response, which is no chat completion. {CheckAddress}"
            : $"answered with what is no chat completion: '{Quote(body, QuotedLength)}'. {CheckAddress}");

    /// <summary>The response has an error in it in place of an answer.</summary>
    public ModelServerException Error(string message) =>
        Create($"answered with an error and no chat completion: {Quote(message, MaxErrorLength)}. {CheckAddress}");

    /// <summary>The answer exceeds a limit.</summary>
    public ModelServerException TooLarge(string size) =>
        Create($"sent {size}. Limit the answer by ChatOptions.MaxOutputTokens");

    /// <summary>The server answered with an HTTP status other than success.</summary>
    /// <param name="status">The status.</param>
    /// <param name="text">The body, or the address of a redirection.</param>
    public ModelServerException Refused(HttpStatusCode status, string text)
    {
        string message = Quote(
            LenientJson.TryParse(text, out JsonElement json) && Message(json) is { } found
                ? found
                : text, MaxErrorLength);
        string what = status switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => options.ApiKey is null
                ? $"asks for a key. Set {nameof(options.ApiKey)}"
                : $"does not take the key. Check {nameof(options.ApiKey)}",
            HttpStatusCode.NotFound => $"has no such address or model (404). {CheckAddress}. It says: {message}",
            HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable =>
                $"is overloaded ({(int)status}). It says: {message}",
            >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest =>
                $"redirects the request to {message} ({(int)status}). Redirections are not followed: " +
                $"set {nameof(options.Endpoint)} to that address",
            _ => $"refused the request ({(int)status}). It says: {message}",
        };
        return Create(what, isTransient: (int)status is 408 or 429 or >= 500, status: status);
    }

    /// <summary>The server does not host the model.</summary>
    public ModelServerException NoSuchModel(string model, IEnumerable<string> models)
    {
        string known = string.Join(", ", models.Take(50).Select(id => $"'{WireJson.Quote(id, QuotedLength)}'"));
        return Create(
            $"has no model '{model}'. " + (known.Length > 0
                ? $"It has {known}: set {nameof(options.Model)} to one of these, or start the server with that model"
                : $"Start the server with that model, or set {nameof(options.Model)} to one that it has"),
            status: HttpStatusCode.NotFound);
    }

    private const string CheckAddress = "Check the address: it usually ends with /v1";

    private static bool IsRefusal(Exception exception, string text) =>
        exception is ModelServerException { StatusCode: HttpStatusCode.BadRequest } &&
            exception.Message.Contains(text, StringComparison.Ordinal);

    private string Quote(string text, int maxLength) => WireJson.Quote(WithoutKey(text).Trim(), maxLength);

    private ModelServerException Silent(Exception exception) => Transient(
        $"was silent for {options.Timeout}. Increase {nameof(options.Timeout)}, or see what delays the server",
        exception);

    private ModelServerException Transient(string what, Exception? exception) =>
        Create(what, isTransient: true, exception: exception);

    private ModelServerException Create(
        string what, bool isTransient = false, Exception? exception = null, HttpStatusCode? status = null) =>
        new(WithoutKey($"The server at {options.Endpoint} {what}."), isTransient, HasKey(exception) ? null : exception)
        {
            Endpoint = options.Endpoint,
            StatusCode = status,
        };

    // Some servers repeat the key that they refuse.
    private bool HasKey(Exception? exception) =>
        options.ApiKey is { Length: > 0 } key && exception?.ToString().Contains(key, StringComparison.Ordinal) == true;

    private string WithoutKey(string text) =>
        options.ApiKey is { Length: > 0 } key ? text.Replace(key, Redacted, StringComparison.Ordinal) : text;
}
