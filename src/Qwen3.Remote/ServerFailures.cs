using System.ClientModel;
using System.Net;
using System.Text.Json;
using Polly;
using Polly.Timeout;
using Qwen3.Chat;

namespace Qwen3.Remote;

/// <summary>Says what went wrong with a server in the words of this library, without the key.</summary>
internal sealed class ServerFailures(Qwen3RemoteChatClientOptions options)
{
    private const string Redacted = "(the API key)";

    /// <summary>Whether the server's answer is that it was not started with a parser for calls.</summary>
    public static bool LacksToolParser(Exception exception) =>
        exception is ClientResultException { Status: 400 } && exception.Message.Contains("enable-auto-tool-choice", StringComparison.Ordinal);

    /// <summary>Whether the server's answer is that it was not set up to limit the thinking.</summary>
    public static bool LacksThinkingBudget(Exception exception) => exception is ClientResultException { Status: 400 } &&
        (exception.Message.Contains("thinking_token_budget", StringComparison.Ordinal) ||
            exception.Message.Contains("reasoning_config", StringComparison.Ordinal));

    /// <summary>The failure that an exception is about; <see langword="null"/> if it is none of a server.</summary>
    public ModelServerException? Of(Exception exception, bool hasBegun, CancellationToken cancellationToken) => exception switch
    {
        _ when cancellationToken.IsCancellationRequested => null,
        ModelServerException failure => failure,
        ClientResultException { Status: not 0 } answer => Refused((HttpStatusCode)answer.Status, Said(answer), answer),
        // Of HttpClient and its connections, and of the handlers of a caller's: the message says whose limit it was.
        OperationCanceledException { InnerException: TimeoutException connecting } => Unavailable(
            exception.Message.Contains("HttpClient.Timeout", StringComparison.Ordinal)
                ? $"was silent for longer than {nameof(options.HttpClient)} allows: {exception.Message} Give it more time there"
                : $"cannot be reached: {connecting.Message} Check the address, and that it is running",
            exception),
        TimeoutRejectedException => Unavailable($"was silent for longer than a handler of {nameof(options.HttpClient)} allows: {exception.Message} Give it more time there", exception),
        OperationCanceledException or TimeoutException => Unavailable(
            $"was silent for {options.Timeout}. Give it more time by {nameof(options.Timeout)}, or see what holds it up", exception),
        ExecutionRejectedException => Unavailable("has failed too often just now and is left alone for some seconds", exception),
        // Of OllamaSharp, for a whole answer without its end.
        InvalidOperationException when exception.Message.Contains("Done=true", StringComparison.Ordinal) => BrokenOff(null),
        // Of the SDK, for a finish reason that is none of the standard, such as "abort".
        ArgumentOutOfRangeException when exception.Message.Contains("FinishReason", StringComparison.Ordinal) => BrokenOff(exception.Message),
        ObjectDisposedException => null,
        // The latter three are of the SDK, for JSON of another form.
        JsonException or FormatException or InvalidOperationException or ArgumentOutOfRangeException or ArgumentNullException => hasBegun
            ? Unavailable($"broke off in the middle of its answer: {exception.Message}", exception)
            : new(Text($"answered with what is no chat completion: {exception.Message} Check the address; it usually ends with /v1"), innerException: Inner(exception))
            {
                Endpoint = options.Endpoint,
            },
        HttpRequestException or IOException or ClientResultException => Unavailable(
            hasBegun
                ? $"broke off in the middle of its answer: {exception.Message}"
                : $"cannot be reached: {exception.Message} Check the address, and that it is running",
            exception),
        AggregateException { InnerExceptions: [.., { } last] } => Of(last, hasBegun, cancellationToken),
        _ => null,
    };

    /// <param name="reason">What the server said, if it said something.</param>
    public ModelServerException BrokenOff(string? reason) =>
        Unavailable(reason is null ? "broke off in the middle of its answer" : $"could not go on in the middle of its answer: {reason}", null);

    /// <param name="status">What the server answered with.</param>
    /// <param name="said">What it said, or where it would have the request go.</param>
    /// <param name="exception">What it was noticed by, if by an exception.</param>
    public ModelServerException Refused(HttpStatusCode status, string said, Exception? exception = null)
    {
        string what = status switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => options.ApiKey is null
                ? $"asks for a key. Set {nameof(options.ApiKey)}"
                : $"does not take the key. Check {nameof(options.ApiKey)}",
            HttpStatusCode.NotFound => $"has nothing there (404). Check the address; it usually ends with /v1. It says: {said}",
            HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable =>
                $"is overloaded ({(int)status}). It says: {said}",
            >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest =>
                $"sends the request on to {said} ({(int)status}), which is not followed. Set {nameof(options.Endpoint)} to where it is to go",
            _ => $"refused the request ({(int)status}). It says: {said}",
        };
        return new(Text(what), (int)status is 408 or 429 or >= 500, Inner(exception)) { Endpoint = options.Endpoint, StatusCode = status };
    }

    private ModelServerException Unavailable(string what, Exception? exception) => new(Text(what), isTransient: true, Inner(exception)) { Endpoint = options.Endpoint };

    private static string Said(ClientResultException exception) =>
        exception.GetRawResponse() is not { } response ? exception.Message
        : response.Headers.TryGetValue("Location", out string? address) && address is not null ? address
        : response.Content.ToMemory().Length > 0 ? response.Content.ToString()
        : exception.Message;

    private string Text(string what) => WithoutKey($"The server at {options.Endpoint} {what}.");

    private string WithoutKey(string text) => options.ApiKey is { Length: > 0 } key ? text.Replace(key, Redacted, StringComparison.Ordinal) : text;

    // Some servers say which key they did not take.
    private Exception? Inner(Exception? exception) =>
        options.ApiKey is { Length: > 0 } key && exception?.ToString().Contains(key, StringComparison.Ordinal) == true ? null : exception;
}
