namespace Qwen3.Chat.Models;

/// <summary>Which of the options for fetching are outside their range.</summary>
internal static class ModelHubOptionsValidator
{
    /// <summary>What is wrong, each with the option's name and its value; empty if nothing is.</summary>
    public static IEnumerable<string> Failures(ModelHubOptions options)
    {
        if (!Enum.IsDefined(options.Kind))
        {
            yield return $"{nameof(options.Kind)} is '{options.Kind}', and must be HuggingFace or ModelScope.";
        }

        if (options.Endpoint is { } endpoint && !(endpoint.IsAbsoluteUri && endpoint.Scheme is "https" or "http" && endpoint.UserInfo.Length == 0))
        {
            yield return $"{nameof(options.Endpoint)} must be an https address without a user, such as https://huggingface.co.";
        }

        if (options.Token is { } token && token.Any(c => c is <= ' ' or > '~'))
        {
            yield return $"{nameof(options.Token)} has characters that no token has, such as a space or a line's end.";
        }

        if (options.Connections is < 1 or > 16)
        {
            yield return $"{nameof(options.Connections)} is {options.Connections}, and must be from 1 to 16.";
        }

        if (options.MaxRetries is < 0 or > 100)
        {
            yield return $"{nameof(options.MaxRetries)} is {options.MaxRetries}, and must be from 0 to 100.";
        }

        if (options.RetryDelay < TimeSpan.Zero || options.RetryDelay > TimeSpan.FromMinutes(1))
        {
            yield return $"{nameof(options.RetryDelay)} is {options.RetryDelay}, and must be from no time to one minute.";
        }

        if (options.Timeout <= TimeSpan.Zero || options.Timeout > TimeSpan.FromHours(1))
        {
            yield return $"{nameof(options.Timeout)} is {options.Timeout}, and must be a positive time of at most an hour.";
        }
    }
}
