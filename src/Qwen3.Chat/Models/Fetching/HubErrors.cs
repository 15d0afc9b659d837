using System.Net;

namespace Qwen3.Chat.Models.Fetching;

/// <summary>What a hub's failures mean, and what to do about them.</summary>
internal static class HubErrors
{
    private const string TokenWays =
        $"Set {nameof(ModelHubOptions)}.{nameof(ModelHubOptions.Token)}, HF_TOKEN or the file HF_TOKEN_PATH (for ModelScope MODELSCOPE_API_TOKEN).";

    /// <summary>Throws what an answer of the hub itself means, if it is a failure.</summary>
    public static void ThrowIfFailed(HttpResponseMessage response, HubConnection hub, string repository, HubFile? file)
    {
        if ((int)response.StatusCode is < 200 or >= 400)
        {
            throw Create(response, hub, repository, file);
        }
    }

    /// <summary>What an answer that is a failure means.</summary>
    public static ModelFetchException Create(HttpResponseMessage response, HubConnection hub, string repository, HubFile? file)
    {
        string what = file is null ? repository : $"{file.Path} of {repository}";
        string code = response.Headers.TryGetValues("X-Error-Code", out IEnumerable<string>? values) ? values.First() : "";
        return response.StatusCode switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new ModelAccessException(
                repository, Access(hub, repository, (int)response.StatusCode, code)),
            HttpStatusCode.NotFound or HttpStatusCode.Gone => new ModelNotFoundException(
                repository, $"{hub.Endpoint} has no {what}. Check the name; a repository is owner/name, and case matters."),
            HttpStatusCode.RequestedRangeNotSatisfiable => new(
                repository, $"{what} is not as long as {hub.Endpoint} says that it is; it may just have been changed. Try again."),
            HttpStatusCode.TooManyRequests => new(
                repository, $"{hub.Endpoint} has had too many requests from here (429). Try again later, or with a token."),
            _ => new(repository, $"{hub.Endpoint} answered {(int)response.StatusCode} for {what}. Try again later."),
        };
    }

    public static ModelFetchException Unreachable(string repository, HubConnection hub, Exception cause) => new(
        repository,
        $"{hub.Endpoint} could not be reached for {repository}: {cause.Message} Check the network and the proxy (HTTPS_PROXY), or set a mirror " +
        $"({nameof(ModelHubOptions)}.{nameof(ModelHubOptions.Endpoint)}, HF_ENDPOINT).",
        cause);

    private static string Access(HubConnection hub, string repository, int status, string code)
    {
        string finding = code == "GatedRepo"
            ? $"{repository} is gated ({status}): agree to its conditions at {hub.Endpoint}{repository}, and give a token of that account."
            : hub.HasToken
            ? $"{hub.Endpoint} does not let this token read {repository} ({status}): the token is wrong or has ended, or may not read it."
            : $"{hub.Endpoint} has no {repository} for everybody ({status}): check the name, or, if it is private, give a token.";
        return $"{finding} {TokenWays}";
    }
}
