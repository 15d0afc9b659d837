using System.Text;

namespace Qwen3.Chat.Models;

/// <summary>The options for one hub, completed from environment variables.</summary>
/// <remarks>The variables are those of huggingface_hub, of the SDK of ModelScope, of llama.cpp and of Ollama.</remarks>
internal sealed class HubSettings(ModelHubOptions options)
{
    /// <summary>
    /// The subfolder of the cache for models of ModelScope. The same <c>owner/name</c> can be another model there, so
    /// that one folder cannot hold both.
    /// </summary>
    public const string ModelScopeSubfolder = "modelscope";

    private const int MaxTokenLength = 1 << 16;

    public string CacheFolder =>
        options.CacheFolder
            ?? Variable("HF_HUB_CACHE") ?? Variable("HUGGINGFACE_HUB_CACHE") ?? Path.Combine(HuggingFaceHome, "hub");

    public string ModelFolder => options.ModelFolder ?? Variable("QWEN3_MODELS")
        ?? Path.Combine(
            Environment.GetFolderPath(
                Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
            "qwen3",
            "models");

    public bool IsOffline =>
        options.Offline ?? (Variable("HF_HUB_OFFLINE")?.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE");

    public string UserFolder =>
        Variable(OperatingSystem.IsWindows() ? "USERPROFILE" : "HOME")
            ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    /// <summary>The folder for the caches of all programs.</summary>
    public string UserCache => Variable("XDG_CACHE_HOME") ?? Path.Combine(UserFolder, ".cache");

    private string HuggingFaceHome => Variable("HF_HOME") ?? Path.Combine(UserCache, "huggingface");

    /// <summary>
    /// Returns the value of an environment variable, or <see langword="null"/> if it is not set or empty.
    /// </summary>
    public string? Variable(string name) => options.Variable(name) is { Length: > 0 } value ? value : null;

    /// <summary>Returns the address of the hub, which ends with a slash.</summary>
    /// <exception cref="ArgumentException">The value of an environment variable is not an address.</exception>
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
            // The value is not repeated: the text before the @ may be a password.
            throw new ArgumentException(
                $"The environment variable {name} must be the address of a hub without a user and a password.");
        }

        return Uri.TryCreate(text, UriKind.Absolute, out Uri? endpoint) && endpoint.Scheme is "https" or "http"
            ? WithSlash(endpoint)
            : throw new ArgumentException(
                $"The environment variable {name} is '{text}', which is not the address of a hub. Correct or " +
                "unset it.");
    }

    /// <summary>Returns whether a text can be sent as a token in a header.</summary>
    public static bool IsToken(string token) => token.All(c => c is > ' ' and <= '~');

    /// <summary>Returns the token for a hub, or <see langword="null"/> if there is none.</summary>
    /// <exception cref="ArgumentException">
    /// The value of an environment variable or the content of the file is not a token.
    /// </exception>
    /// <exception cref="ModelAccessException">The file with the token cannot be read.</exception>
    public string? Token(ModelHubKind kind, string repository)
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
            : Clean(Read(file, repository), $"The file {file}");
    }

    private static string? Read(string file, string repository)
    {
        string cause;
        try
        {
            if (!Directory.Exists(file))
            {
                return SmallFile.Read(file, MaxTokenLength) is { } content ? Encoding.UTF8.GetString(content) : null;
            }

            cause = "It is a folder.";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(e.Message, e);
        }

        throw Unreadable(cause, null);

        ModelAccessException Unreadable(string reason, Exception? inner) => new(
            repository,
            $"The token for {repository} cannot be read from the file {file}: {reason} Set HF_TOKEN, or " +
            "HF_TOKEN_PATH to another file.",
            inner);
    }

    /// <summary>Removes the line breaks that copying leaves in a token, as the hub's own tools do.</summary>
    private static string? Clean(string? text, string source)
    {
        string token = string.Concat((text ?? "").Where(character => character is not ('\r' or '\n'))).Trim();
        return token.Length == 0 ? null
            : IsToken(token) ? token
            : throw new ArgumentException(
                $"{source} has characters that a token cannot have, such as a space. Give the token alone.");
    }

    private static Uri WithSlash(Uri endpoint) =>
        endpoint.AbsoluteUri.EndsWith('/') ? endpoint : new Uri(endpoint.AbsoluteUri + "/");
}
