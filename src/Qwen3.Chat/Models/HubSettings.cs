namespace Qwen3.Chat.Models;

/// <summary>The options for one hub with what the environment says where they say nothing.</summary>
/// <remarks>Variables: the documentation of huggingface_hub, and the SDK of ModelScope.</remarks>
internal sealed class HubSettings(ModelHubOptions options)
{
    public string CacheFolder =>
        options.CacheFolder ?? Variable("HF_HUB_CACHE") ?? Variable("HUGGINGFACE_HUB_CACHE") ?? Path.Combine(HuggingFaceHome, "hub");

    public string ModelFolder => options.ModelFolder ?? Variable("QWEN3_MODELS")
        ?? Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
            "qwen3",
            "models");

    public bool IsOffline => options.Offline ?? (Variable("HF_HUB_OFFLINE")?.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE");

    public string UserFolder =>
        Variable(OperatingSystem.IsWindows() ? "USERPROFILE" : "HOME") ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    /// <summary>The folder for caches of all programs.</summary>
    public string UserCache => Variable("XDG_CACHE_HOME") ?? Path.Combine(UserFolder, ".cache");

    private string HuggingFaceHome => Variable("HF_HOME") ?? Path.Combine(UserCache, "huggingface");

    /// <summary>What an environment variable says, if it says anything.</summary>
    public string? Variable(string name) => options.Variable(name) is { Length: > 0 } value ? value : null;

    /// <summary>The hub's address, which ends with a slash.</summary>
    /// <exception cref="ArgumentException">An environment variable has no address.</exception>
    public Uri Endpoint(ModelHubKind kind)
    {
        if (options.Endpoint is not null && options.Kind == kind)
        {
            return WithSlash(options.Endpoint);
        }

        (string name, string? text) = kind == ModelHubKind.HuggingFace
            ? ("HF_ENDPOINT", Variable("HF_ENDPOINT") ?? "https://huggingface.co")
            : ("MODELSCOPE_DOMAIN", "https://" + (Variable("MODELSCOPE_DOMAIN") ?? "www.modelscope.cn"));
        return Uri.TryCreate(text, UriKind.Absolute, out Uri? endpoint) && endpoint.Scheme is "https" or "http"
            ? WithSlash(endpoint)
            : throw new ArgumentException(
                $"The environment variable {name} gives '{text}', which is no address of a hub. Set it to one, or not at all.");
    }

    /// <summary>The token for a hub, or <see langword="null"/> if there is none.</summary>
    public string? Token(ModelHubKind kind)
    {
        if (options.Token is not null && options.Kind == kind)
        {
            return options.Token;
        }

        if (kind == ModelHubKind.ModelScope)
        {
            return Variable("MODELSCOPE_API_TOKEN")?.Trim();
        }

        string file = Variable("HF_TOKEN_PATH") ?? Path.Combine(HuggingFaceHome, "token");
        string? token = (Variable("HF_TOKEN") ?? (File.Exists(file) ? File.ReadAllText(file) : null))?.Trim();
        return token is { Length: > 0 } ? token : null;
    }

    private static Uri WithSlash(Uri endpoint) => endpoint.AbsoluteUri.EndsWith('/') ? endpoint : new Uri(endpoint.AbsoluteUri + "/");
}
