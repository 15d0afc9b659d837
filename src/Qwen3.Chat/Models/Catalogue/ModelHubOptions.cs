using Microsoft.Extensions.Logging;

namespace Qwen3.Chat.Models;

/// <summary>The options for finding models on this machine and fetching them from a hub.</summary>
/// <remarks>
/// Options that are not set fall back to the environment variables that other tools use; see docs/models.md. They are
/// read when a <see cref="ModelFinder"/> or a <see cref="ModelFetcher"/> needs them.
/// </remarks>
public sealed class ModelHubOptions
{
    /// <summary>
    /// Gets or sets the hub that models of the catalogue are fetched from. A model that only the other hub has is
    /// fetched from there.
    /// </summary>
    public ModelHubKind Kind { get; set; }

    /// <summary>
    /// Gets or sets the address of the hub. The default, <see langword="null"/>, is <c>HF_ENDPOINT</c> or
    /// <c>https://huggingface.co</c>; for ModelScope the host <c>MODELSCOPE_DOMAIN</c> or
    /// <c>https://www.modelscope.cn</c>.
    /// </summary>
    public Uri? Endpoint { get; set; }

    /// <summary>
    /// Gets or sets the access token. It is sent to <see cref="Endpoint"/> only. The default, <see langword="null"/>,
    /// is <c>HF_TOKEN</c> or the content of the file <c>HF_TOKEN_PATH</c> or <c>$HF_HOME/token</c>; for ModelScope
    /// <c>MODELSCOPE_API_TOKEN</c>. The catalogue needs no token.
    /// </summary>
    public string? Token { get; set; }

    /// <summary>
    /// Gets or sets the folder that models are fetched into, in the layout of the Hugging Face cache; models of
    /// ModelScope go into its subfolder <c>modelscope</c>. The default, <see langword="null"/>, is <c>HF_HUB_CACHE</c>,
    /// <c>$HF_HOME/hub</c> or <c>~/.cache/huggingface/hub</c>.
    /// </summary>
    public string? CacheFolder { get; set; }

    /// <summary>
    /// Gets or sets this library's own folder; GGUF files that are put there are found. The default,
    /// <see langword="null"/>, is <c>QWEN3_MODELS</c> or <c>qwen3/models</c> in the user's folder for application data.
    /// </summary>
    public string? ModelFolder { get; set; }

    /// <summary>
    /// Gets or sets further folders to search for models, including their subfolders. The default is none.
    /// </summary>
    public IList<string> Folders { get; set; } = [];

    /// <summary>
    /// Gets or sets a value indicating whether the folders of LM Studio, Ollama, llama.cpp and ModelScope are searched
    /// too. The default is <see langword="true"/>.
    /// </summary>
    public bool SearchOtherTools { get; set; } = true;

    /// <summary>
    /// Gets or sets a value indicating whether models are only found and never fetched. The default,
    /// <see langword="null"/>, is the value of <c>HF_HUB_OFFLINE</c>, or <see langword="false"/>.
    /// </summary>
    public bool? Offline { get; set; }

    /// <summary>
    /// Gets or sets the number of parts of a file that are fetched in parallel, from 1 to 16. The default is 4.
    /// </summary>
    public int Connections { get; set; } = 4;

    /// <summary>
    /// Gets or sets the number of retries: of a request when the hub is busy (429), fails (5xx) or is unreachable, and
    /// of a part when its connection is lost before a byte was received. From 0 to 100; the default is 5. A
    /// <c>Retry-After</c> header of the hub is obeyed.
    /// </summary>
    public int MaxRetries { get; set; } = 5;

    /// <summary>
    /// Gets or sets the delay before the first retry; it doubles with each further retry. The default is one second.
    /// </summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Gets or sets the time without a received byte after which a connection is replaced. The default is 30 seconds.
    /// </summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Gets or sets the sink for the download progress, invoked a few times a second. The default is
    /// <see langword="null"/>. The log has the progress in steps of 10 %.
    /// </summary>
    public IProgress<FetchProgress>? Progress { get; set; }

    /// <summary>
    /// Gets or sets a value indicating whether a download is reported on standard error when neither
    /// <see cref="Progress"/> nor a logger is set: on a terminal as a line that is updated, otherwise as a line for
    /// every 10 %. The default is <see langword="true"/>.
    /// </summary>
    public bool ConsoleProgress { get; set; } = true;

    /// <summary>
    /// Gets or sets the factory for loggers. The default, <see langword="null"/>, logs nothing. Tokens are never
    /// logged.
    /// </summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>Gets or sets the clock for delays and timeouts. The default is the system clock.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Gets or sets the reader of environment variables.</summary>
    internal Func<string, string?> Variable { get; set; } = Environment.GetEnvironmentVariable;

    /// <summary>Gets or sets the number of bytes that one request asks for.</summary>
    internal int PartSize { get; set; } = 16 << 20;

    /// <summary>Gets or sets the writer in place of standard error.</summary>
    internal TextWriter? Console { get; set; }

    /// <summary>Returns the errors in the options, each with the name of the option and its value.</summary>
    internal IEnumerable<string> Failures()
    {
        if (!Enum.IsDefined(Kind))
        {
            yield return $"{nameof(Kind)} is '{Kind}'. Set it to HuggingFace or ModelScope.";
        }

        if (Endpoint is { } endpoint
            && !(endpoint.IsAbsoluteUri && endpoint.Scheme is "https" or "http" && endpoint.UserInfo.Length == 0))
        {
            yield return $"{nameof(Endpoint)} must be an https address without a user, such as https://huggingface.co.";
        }

        if (Token is { } token && !HubSettings.IsToken(token))
        {
            yield return $"{nameof(Token)} has characters that a token cannot have, such as a space or a line break.";
        }

        if (Connections is < 1 or > 16)
        {
            yield return $"{nameof(Connections)} is {Connections}. Set it to a number from 1 to 16.";
        }

        if (MaxRetries is < 0 or > 100)
        {
            yield return $"{nameof(MaxRetries)} is {MaxRetries}. Set it to a number from 0 to 100.";
        }

        if (RetryDelay < TimeSpan.Zero || RetryDelay > TimeSpan.FromMinutes(1))
        {
            yield return $"{nameof(RetryDelay)} is {RetryDelay}. Set it to a time from zero to one minute.";
        }

        if (Timeout <= TimeSpan.Zero || Timeout > TimeSpan.FromHours(1))
        {
            yield return $"{nameof(Timeout)} is {Timeout}. Set it to a positive time of at most one hour.";
        }
    }
}

/// <summary>The hubs that models are fetched from.</summary>
public enum ModelHubKind
{
    /// <summary>
    /// The Hugging Face Hub, <see href="https://huggingface.co"/>, and mirrors with the same interface.
    /// </summary>
    HuggingFace,

    /// <summary>ModelScope, <see href="https://www.modelscope.cn"/>, a hub in China.</summary>
    ModelScope,
}
