using Microsoft.Extensions.Options;

namespace Qwen3.Remote;

/// <summary>Checks the options of remote clients before anything is sent, and names the setting that is wrong.</summary>
internal sealed class Qwen3RemoteChatClientOptionsValidator : IValidateOptions<Qwen3RemoteChatClientOptions>
{
    // What timers and Polly can count.
    private static readonly TimeSpan s_maxTimeout = TimeSpan.FromMilliseconds(int.MaxValue), s_maxRetryDelay = TimeSpan.FromDays(1);

    public ValidateOptionsResult Validate(string? name, Qwen3RemoteChatClientOptions options)
    {
        var failures = new List<string>();
        Require(
            options.Endpoint is { IsAbsoluteUri: true, Scheme: "http" or "https" },
            nameof(options.Endpoint),
            options.Endpoint?.OriginalString,
            "must be an address such as http://gpu-pool:8000/v1");
        // The value is left out: it is in logs soon enough.
        Require(
            options.Endpoint is not { IsAbsoluteUri: true, UserInfo.Length: > 0 },
            nameof(options.Endpoint),
            "with a name or a password in it",
            $"is written to logs and messages: put the key into {nameof(options.ApiKey)}");
        Require(!string.IsNullOrWhiteSpace(options.Model), nameof(options.Model), options.Model, "must be the model's name on the server");
        Require(
            options.ApiKey is null || (options.ApiKey.Length > 0 && options.ApiKey.All(c => c is > ' ' and < '\x7f')),
            nameof(options.ApiKey),
            options.ApiKey is "" ? "" : "not shown here",
            "must be letters, digits and signs of ASCII, without spaces or a line break at its end, or absent");
        Require(
            options.Server is null || Enum.IsDefined(options.Server.Value),
            nameof(options.Server),
            options.Server,
            $"must be one of {string.Join(", ", Enum.GetNames<ModelServer>())}, or absent to be found out");
        Require(
            options.Variant is null || Enum.IsDefined(options.Variant.Value),
            nameof(options.Variant),
            options.Variant,
            "must be Instruct, Thinking or Hybrid, or absent to be read off the model's name");
        Require(options.ContextSize is null or > 0, nameof(options.ContextSize), options.ContextSize, "must be 1 or more tokens, or absent");
        Require(options.MaxRetries >= 0, nameof(options.MaxRetries), options.MaxRetries, "must be 0 (never) or more");
        Require(
            options.RetryDelay >= TimeSpan.Zero && options.RetryDelay <= s_maxRetryDelay,
            nameof(options.RetryDelay),
            options.RetryDelay,
            "must not be negative, and not more than a day");
        Require(
            options.Timeout == Timeout.InfiniteTimeSpan || (options.Timeout > TimeSpan.Zero && options.Timeout <= s_maxTimeout),
            nameof(options.Timeout),
            options.Timeout,
            "must be a positive time of at most 24 days, or Timeout.InfiniteTimeSpan");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Require(bool condition, string setting, object? value, string rule)
        {
            if (!condition)
            {
                string of = string.IsNullOrEmpty(name) ? "" : $" of '{name}'";
                failures.Add($"The setting {setting}{of} is {(value is null or "" ? "missing" : $"'{value}'")}; it {rule}.");
            }
        }
    }
}
