using System.Net;

namespace Qwen3.Chat.Models;

/// <summary>Turns the failures of a hub into exceptions that say what to do.</summary>
internal static class HubErrors
{
    private const string TokenAdvice =
        $"Set {nameof(ModelHubOptions)}.{nameof(ModelHubOptions.Token)}, HF_TOKEN or the file HF_TOKEN_PATH " +
        "(MODELSCOPE_API_TOKEN for ModelScope).";

    /// <summary>Throws if an answer of the hub itself is a failure.</summary>
    public static void ThrowIfFailed(HttpResponseMessage response, HubConnection hub, string repository, HubFile? file)
    {
        if ((int)response.StatusCode is < 200 or >= 400)
        {
            throw Create(response, hub, repository, file);
        }
    }

    /// <summary>Returns the exception for an answer that is a failure.</summary>
    public static ModelFetchException Create(
        HttpResponseMessage response, HubConnection hub, string repository, HubFile? file)
    {
        string what = file is null ? repository : $"{file.Path} of {repository}";
        string code = response.Headers.TryGetValues("X-Error-Code", out IEnumerable<string>? values)
            ? values.First()
            : "";
        return response.StatusCode switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new ModelAccessException(
                repository, Access(hub, repository, (int)response.StatusCode, code)),
            HttpStatusCode.NotFound or HttpStatusCode.Gone => new ModelNotFoundException(
                repository,
                $"{hub.Endpoint} has no {what}. Check the name; a repository is owner/name, and case matters."),
            HttpStatusCode.RequestedRangeNotSatisfiable => new(
                repository,
                $"{what} is not as long as {hub.Endpoint} states; it may have just changed. Try again.",
                isTransient: true),
            HttpStatusCode.TooManyRequests => new(
                repository,
                $"{hub.Endpoint} refuses {what} because of too many requests from this address (429). " +
                $"{RetryAfter.Advice(response)}, or " +
                "set a token.",
                isTransient: true),
            _ => new(
                repository,
                $"{hub.Endpoint} answered {(int)response.StatusCode} for {what}. {RetryAfter.Advice(response)}.",
                isTransient: (int)response.StatusCode is 408 or >= 500),
        };
    }

    public static ModelFetchException Unreachable(string repository, HubConnection hub, Exception cause) => new(
        repository,
        $"{hub.FileName} of {repository} could not be fetched: {hub.Endpoint} could not be reached" +
        $"{(hub.Attempts > 1 ? $" in {hub.Attempts} attempts" : "")} ({cause.Message.TrimEnd('.')}). " +
        "Check the network and the proxy " +
        $"(HTTPS_PROXY), set a mirror ({nameof(ModelHubOptions)}.{nameof(ModelHubOptions.Endpoint)}, " +
        $"{hub.EndpointVariable}), or copy the " +
        $"GGUF file into {hub.ModelFolder}.",
        isTransient: true,
        cause);

    private static string Access(HubConnection hub, string repository, int status, string code)
    {
        string finding = code == "GatedRepo"
            ? $"{repository} is gated ({status}): accept its conditions at {hub.Endpoint}{repository}, and give " +
            "a token of that account."
            : hub.HasToken
            ? $"{hub.Endpoint} does not give access to {repository} with this token ({status}): the token is " +
            "wrong, expired or lacks " +
            "permission."
            : $"{hub.Endpoint} has no public repository {repository} ({status}): check the name, or give a token " +
            "if it is private.";
        return $"{finding} {TokenAdvice}";
    }
}

/// <summary>Reads the header <c>Retry-After</c>, the time for which a hub does not want to be asked again.</summary>
internal static class RetryAfter
{
    /// <summary>The longest wait between two attempts. Longer times are reported instead of waited for.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Returns the time that an answer asks for, or <see langword="null"/> if it asks for none or for a time in the
    /// past.
    /// </summary>
    public static TimeSpan? Read(HttpResponseMessage? response, TimeProvider timeProvider)
    {
        TimeSpan? wait = response?.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - timeProvider.GetUtcNow(),
            _ => null,
        };
        return wait > TimeSpan.Zero ? wait : null;
    }

    /// <summary>Returns the advice after a failure.</summary>
    public static string Advice(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } when delta > TimeSpan.Zero =>
            $"Try again in {delta.TotalSeconds:0} s ({delta:c}), as it asks for",
        { Date: { } date } => $"Try again after {date:u}, as it asks for",
        _ => "Try again later",
    };
}
