using Microsoft.Extensions.Options;

namespace Qwen3.Server.Serving;

/// <summary>Checks the options when the host starts, and names the setting that is wrong.</summary>
internal sealed class Qwen3ServerOptionsValidator : IValidateOptions<Qwen3ServerOptions>
{
    public ValidateOptionsResult Validate(string? name, Qwen3ServerOptions options)
    {
        var failures = new List<string>();
        // The value is not told: it is a secret, though one that does not fit.
        if (options.ApiKeys.Any(key => string.IsNullOrEmpty(key) || key.Any(c => c is <= ' ' or > '~')))
        {
            failures.Add(
                $"A key in {nameof(options.ApiKeys)} is empty or has a character that no header carries; use letters, digits and punctuation of ASCII.");
        }

        bool isNamed = options.ModelId is null || !string.IsNullOrWhiteSpace(options.ModelId);
        Require(isNamed, nameof(options.ModelId), options.ModelId, "must be a name, or absent");
        Require(
            options.MaxRequestBodySize is >= 1 and <= int.MaxValue / 2,
            nameof(options.MaxRequestBodySize),
            options.MaxRequestBodySize,
            "must be from 1 byte to 1 GiB");
        Require(
            options.RequestReadTimeout > TimeSpan.Zero && options.RequestReadTimeout < TimeSpan.FromDays(40),
            nameof(options.RequestReadTimeout),
            options.RequestReadTimeout,
            "must be a positive time below 40 days");
        Require(options.MaxMessages >= 1, nameof(options.MaxMessages), options.MaxMessages, "must be 1 or more");
        Require(options.MaxTools >= 0, nameof(options.MaxTools), options.MaxTools, "must be 0 or more");
        Require(options.MaxConcurrentRequests >= 1, nameof(options.MaxConcurrentRequests), options.MaxConcurrentRequests, "must be 1 or more");
        Require(options.RetryAfter > TimeSpan.Zero, nameof(options.RetryAfter), options.RetryAfter, "must be a positive time");
        Require(
            options.KeepAliveInterval > TimeSpan.Zero && options.KeepAliveInterval < TimeSpan.FromDays(40),
            nameof(options.KeepAliveInterval),
            options.KeepAliveInterval,
            "must be a positive time below 40 days");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Require(bool condition, string setting, object? value, string rule)
        {
            if (!condition)
            {
                failures.Add($"The setting {setting} of the Qwen3 server is '{value}'; it {rule}.");
            }
        }
    }
}
