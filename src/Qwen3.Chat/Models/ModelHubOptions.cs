using Microsoft.Extensions.Logging;

namespace Qwen3.Chat.Models;

/// <summary>Where models are looked for and fetched from.</summary>
/// <remarks>
/// What is not set is read from the environment variables that other tools read too, when a finder or a fetcher needs it; see docs/models.md.
/// </remarks>
public sealed class ModelHubOptions
{
    /// <summary>
    /// Gets or sets the hub that models of the catalogue are fetched from. A model that is on the other one alone is fetched there.
    /// </summary>
    public ModelHubKind Kind { get; set; }

    /// <summary>
    /// Gets or sets the hub's address. The default, <see langword="null"/>, is <c>HF_ENDPOINT</c> or <c>https://huggingface.co</c>, and for
    /// ModelScope the host <c>MODELSCOPE_DOMAIN</c> or <c>https://www.modelscope.cn</c>.
    /// </summary>
    public Uri? Endpoint { get; set; }

    /// <summary>
    /// Gets or sets the access token, which is sent to <see cref="Endpoint"/> alone. The default, <see langword="null"/>, is <c>HF_TOKEN</c> or what
    /// is in the file <c>HF_TOKEN_PATH</c> or <c>$HF_HOME/token</c>, and for ModelScope <c>MODELSCOPE_API_TOKEN</c>. The catalogue needs none.
    /// </summary>
    public string? Token { get; set; }

    /// <summary>
    /// Gets or sets the folder that models are fetched into, in the layout of the Hugging Face cache. The default, <see langword="null"/>, is
    /// <c>HF_HUB_CACHE</c>, <c>$HF_HOME/hub</c> or <c>~/.cache/huggingface/hub</c>.
    /// </summary>
    public string? CacheFolder { get; set; }

    /// <summary>
    /// Gets or sets this library's own folder, where GGUF files can be put to be found. The default, <see langword="null"/>, is <c>QWEN3_MODELS</c>
    /// or <c>qwen3/models</c> in the user's folder for application data.
    /// </summary>
    public string? ModelFolder { get; set; }

    /// <summary>Gets or sets further folders in which models are looked for, with the folders in them. The default is none.</summary>
    public IList<string> Folders { get; set; } = [];

    /// <summary>Gets or sets whether models are looked for in the folders of LM Studio, Ollama and llama.cpp too. The default is yes.</summary>
    public bool SearchOtherTools { get; set; } = true;

    /// <summary>
    /// Gets or sets whether nothing is fetched, only found. The default, <see langword="null"/>, is what <c>HF_HUB_OFFLINE</c> says, and else no.
    /// </summary>
    public bool? Offline { get; set; }

    /// <summary>Gets or sets how many parts of a file are fetched at a time. The default is 4, the largest value 16.</summary>
    public int Connections { get; set; } = 4;

    /// <summary>
    /// Gets or sets how often a request is tried again after the hub was busy (429), failed (5xx) or could not be reached, and how often a part is
    /// after its connection was cut with no byte come. The default is 5. The hub's <c>Retry-After</c> is kept.
    /// </summary>
    public int MaxRetries { get; set; } = 5;

    /// <summary>Gets or sets how long to wait before the first retry; it doubles from one to the next. The default is one second.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets or sets after how long without a byte a connection is given up and made anew. The default is 30 seconds.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets who is told how far a model is fetched, some times a second. The default is nobody; the log has it in tenths.</summary>
    public IProgress<FetchProgress>? Progress { get; set; }

    /// <summary>Gets or sets where the log of fetching goes. The default is nowhere. Tokens are never written to it.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>Gets or sets the clock for waiting. The default is the system's.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Gets or sets what an environment variable says.</summary>
    internal Func<string, string?> Variable { get; set; } = Environment.GetEnvironmentVariable;

    /// <summary>Gets or sets how many bytes one request asks for.</summary>
    internal int PartSize { get; set; } = 16 << 20;
}
