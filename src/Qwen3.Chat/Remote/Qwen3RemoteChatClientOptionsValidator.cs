using Microsoft.Extensions.Options;

namespace Qwen3.Chat.Remote;

/// <summary>Checks the options of remote clients before anything is sent, and names the setting that is wrong.</summary>
internal sealed class Qwen3RemoteChatClientOptionsValidator : IValidateOptions<Qwen3RemoteChatClientOptions>
{
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
        Require(options.RetryDelay >= TimeSpan.Zero, nameof(options.RetryDelay), options.RetryDelay, "must not be negative");
        Require(
            options.Timeout > TimeSpan.Zero || options.Timeout == Timeout.InfiniteTimeSpan,
            nameof(options.Timeout),
            options.Timeout,
            "must be a positive time, or infinite");
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
