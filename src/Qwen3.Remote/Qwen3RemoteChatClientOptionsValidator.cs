using Microsoft.Extensions.Options;

namespace Qwen3.Remote;

/// <summary>Validates the options of remote clients, and names the setting that is invalid.</summary>
internal sealed class Qwen3RemoteChatClientOptionsValidator : IValidateOptions<Qwen3RemoteChatClientOptions>
{
    // The limits of timers and of Polly.
    private static readonly TimeSpan s_maxTimeout = TimeSpan.FromMilliseconds(int.MaxValue);
    private static readonly TimeSpan s_maxRetryDelay = TimeSpan.FromDays(1);

    public ValidateOptionsResult Validate(string? name, Qwen3RemoteChatClientOptions options)
    {
        var failures = new List<string>();
        Require(
            options.Endpoint is { IsAbsoluteUri: true, Scheme: "http" or "https" },
            nameof(options.Endpoint),
            options.Endpoint?.OriginalString,
            "must be an address such as http://gpu-pool:8000/v1");
        // The value has a password in it and is not repeated.
        Require(
            options.Endpoint is not { IsAbsoluteUri: true, UserInfo.Length: > 0 },
            nameof(options.Endpoint),
            "with a name or a password in it",
            $"is written to logs and error messages: set {nameof(options.ApiKey)} instead");
        Require(
            !string.IsNullOrWhiteSpace(options.Model),
            nameof(options.Model),
            options.Model,
            "must be the model's name on the server");
        Require(
            options.ApiKey is null || (options.ApiKey.Length > 0 && options.ApiKey.All(c => c is > ' ' and < '\x7f')),
            nameof(options.ApiKey),
            options.ApiKey is "" ? "" : "not shown here",
            "must consist of visible ASCII characters, without spaces or line breaks, or be null");
        Require(
            options.Server is null || Enum.IsDefined(options.Server.Value),
            nameof(options.Server),
            options.Server,
            $"must be one of {string.Join(", ", Enum.GetNames<ModelServer>())}, or null to detect it");
        Require(
            options.Variant is null || Enum.IsDefined(options.Variant.Value),
            nameof(options.Variant),
            options.Variant,
            "must be Instruct, Thinking or Hybrid, or null to read it from the model's name");
        Require(
            options.ContextSize is null or > 0,
            nameof(options.ContextSize),
            options.ContextSize,
            "must be 1 or more tokens, or null");
        Require(
            options.MaxRetries >= 0, nameof(options.MaxRetries), options.MaxRetries, "must be 0 (no retries) or more");
        Require(
            options.RetryDelay >= TimeSpan.Zero && options.RetryDelay <= s_maxRetryDelay,
            nameof(options.RetryDelay),
            options.RetryDelay,
            "must be between zero and one day");
        Require(
            options.Timeout == Timeout.InfiniteTimeSpan ||
                (options.Timeout > TimeSpan.Zero && options.Timeout <= s_maxTimeout),
            nameof(options.Timeout),
            options.Timeout,
            "must be positive and at most 24 days, or Timeout.InfiniteTimeSpan");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Require(bool condition, string setting, object? value, string rule)
        {
            if (!condition)
            {
                string of = string.IsNullOrEmpty(name) ? "" : $" of '{name}'";
                string found = value is null or "" ? "missing" : $"'{value}'";
                failures.Add($"The setting {setting}{of} is {found}; it {rule}.");
            }
        }
    }
}
