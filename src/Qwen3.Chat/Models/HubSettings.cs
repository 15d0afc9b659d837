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

        (string name, string text) = kind == ModelHubKind.HuggingFace
            ? ("HF_ENDPOINT", Variable("HF_ENDPOINT") ?? "https://huggingface.co")
            : ("MODELSCOPE_DOMAIN", "https://" + (Variable("MODELSCOPE_DOMAIN") ?? "www.modelscope.cn"));
        if (text.Contains('@', StringComparison.Ordinal))
        {
            // Not repeated: what stands before the sign may be a password.
            throw new ArgumentException($"The environment variable {name} must be the address of a hub without a user and a password.");
        }

        return Uri.TryCreate(text, UriKind.Absolute, out Uri? endpoint) && endpoint.Scheme is "https" or "http"
            ? WithSlash(endpoint)
            : throw new ArgumentException(
                $"The environment variable {name} gives '{text}', which is no address of a hub. Set it to one, or not at all.");
    }

    /// <summary>Whether a header takes it.</summary>
    public static bool IsToken(string token) => token.All(c => c is > ' ' and <= '~');

    /// <summary>The token for a hub, or <see langword="null"/> if there is none.</summary>
    /// <exception cref="ArgumentException">An environment variable, or the file, has no token, or the file cannot be read.</exception>
    public string? Token(ModelHubKind kind)
    {
        if (options.Token is not null && options.Kind == kind)
        {
            return options.Token;
        }

        if (kind == ModelHubKind.ModelScope)
        {
            return Clean(Variable("MODELSCOPE_API_TOKEN"), "The environment variable MODELSCOPE_API_TOKEN");
        }

        string file = Variable("HF_TOKEN_PATH") ?? Path.Combine(HuggingFaceHome, "token");
        return Variable("HF_TOKEN") is { } token
            ? Clean(token, "The environment variable HF_TOKEN")
            : Clean(Read(file), $"The file {file}");
    }

    private static string? Read(string file)
    {
        try
        {
            return File.Exists(file) ? File.ReadAllText(file) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ArgumentException($"The file {file}, which is to have the token, cannot be read: {e.Message} Set HF_TOKEN, or HF_TOKEN_PATH to another file.", e);
        }
    }

    /// <summary>A token without the ends of lines that copying leaves in it, as the hub's own tools take it.</summary>
    private static string? Clean(string? text, string source)
    {
        string token = (text ?? "").Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal).Trim();
        return token.Length == 0 ? null
            : IsToken(token) ? token
            : throw new ArgumentException($"{source} has characters that no token has, such as a space within. Give the token alone.");
    }

    private static Uri WithSlash(Uri endpoint) => endpoint.AbsoluteUri.EndsWith('/') ? endpoint : new Uri(endpoint.AbsoluteUri + "/");
}
