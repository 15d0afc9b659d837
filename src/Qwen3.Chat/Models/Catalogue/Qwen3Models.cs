namespace Qwen3.Chat.Models;

/// <summary>The catalogue: the models that this library supports, and the repositories of their GGUF files.</summary>
/// <remarks>The sizes are those of bartowski/Qwen_Qwen3-4B-GGUF; the three models have the same shape.</remarks>
public static class Qwen3Models
{
    internal const string HuggingFacePrefix = "hf:", ModelScopePrefix = "modelscope:";

    private const string DefaultQuantization = "Q4_K_M";

    private static readonly Qwen3Quantization[] s_quantizations =
    [
        new(DefaultQuantization, 2_500_000_000),
        new("Q5_K_M", 2_890_000_000),
        new("Q6_K", 3_310_000_000),
        new("Q8_0", 4_280_000_000),
    ];

    /// <summary>
    /// Gets Qwen3-4B-Instruct-2507 in Q4_K_M (about 2.5 GB). It answers and calls functions without reasoning first.
    /// </summary>
    public static Qwen3Model Instruct2507 { get; } = new("Qwen3-4B-Instruct-2507")
    {
        Alias = "instruct-2507",
        Variant = Qwen3Variant.Instruct,
        HuggingFaceRepository = "unsloth/Qwen3-4B-Instruct-2507-GGUF",
        ModelScopeRepository = "unsloth/Qwen3-4B-Instruct-2507-GGUF",
        Quantization = DefaultQuantization,
        Quantizations = s_quantizations,
        NamesInFiles = ["qwen34binstruct2507"],
    };

    /// <summary>
    /// Gets Qwen3-4B-Thinking-2507 in Q4_K_M (about 2.5 GB). It always reasons first; use it for hard questions and
    /// plans.
    /// </summary>
    public static Qwen3Model Thinking2507 { get; } = new("Qwen3-4B-Thinking-2507")
    {
        Alias = "thinking-2507",
        Variant = Qwen3Variant.Thinking,
        HuggingFaceRepository = "unsloth/Qwen3-4B-Thinking-2507-GGUF",
        ModelScopeRepository = "unsloth/Qwen3-4B-Thinking-2507-GGUF",
        Quantization = DefaultQuantization,
        Quantizations = s_quantizations,
        NamesInFiles = ["qwen34bthinking2507"],
    };

    /// <summary>
    /// Gets Qwen3-4B of April 2025 in Q4_K_M (about 2.5 GB). It reasons first unless a request switches that off.
    /// </summary>
    public static Qwen3Model Hybrid { get; } = new("Qwen3-4B")
    {
        Alias = "hybrid",
        Variant = Qwen3Variant.Hybrid,
        HuggingFaceRepository = "Qwen/Qwen3-4B-GGUF",
        ModelScopeRepository = "Qwen/Qwen3-4B-GGUF",
        Quantization = DefaultQuantization,
        Quantizations = s_quantizations,
        NamesInFiles = ["qwen34b", "qwen34binstruct"],
    };

    /// <summary>Gets the three models.</summary>
    public static IReadOnlyList<Qwen3Model> All { get; } = [Instruct2507, Thinking2507, Hybrid];

    /// <summary>Parses the name of a model.</summary>
    /// <param name="text">
    /// <c>instruct-2507</c>, <c>thinking-2507</c> or <c>hybrid</c>, or a model's full name, each with or without a
    /// quantization behind a colon (<c>thinking-2507:Q8_0</c>); <c>hf:owner/name</c>, <c>hf:owner/name:Q8_0</c> or
    /// <c>hf:owner/name/file.gguf</c>, and the same with <c>modelscope:</c>; or the path of a GGUF file. Only
    /// repositories and paths are case-sensitive.
    /// </param>
    /// <returns>The model.</returns>
    /// <exception cref="FormatException">The text is none of these.</exception>
    public static Qwen3Model Parse(string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        foreach (string prefix in (string[])[HuggingFacePrefix, ModelScopePrefix])
        {
            if (text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            {
                return ParseRepository(text, text[prefix.Length..], isModelScope: prefix == ModelScopePrefix);
            }
        }

        string[] parts = text.Split(':');
        Qwen3Model? known = All.FirstOrDefault(model =>
            parts[0].Equals(model.Alias, StringComparison.OrdinalIgnoreCase)
            || parts[0].Equals(model.Name, StringComparison.OrdinalIgnoreCase));
        if (known is not null && parts.Length <= 2)
        {
            return parts.Length == 1 ? known : known with { Quantization = ReadQuantization(text, parts[1]) };
        }

        return text.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) || text.AsSpan().IndexOfAny('/', '\\') >= 0
            || System.IO.File.Exists(text)
            ? new(System.IO.Path.GetFileNameWithoutExtension(text)) { Path = text }
            : throw Unreadable(text, "it is neither a model of the catalogue nor the path of a GGUF file");
    }

    /// <summary>Validates the name of a quantization, which is compared with file names.</summary>
    internal static string CheckQuantization(string name) => IsQuantization(name)
        ? name.ToUpperInvariant()
        : throw new ArgumentException(
            $"'{name}' is not a quantization. Give a name such as Q4_K_M, Q8_0 or BF16.", nameof(name));

    private static Qwen3Model ParseRepository(string text, string rest, bool isModelScope)
    {
        string[] parts = rest.Split(':');
        string[] segments = parts[0].Split('/');
        if (parts.Length > 2 || segments.Length < 2 || (segments.Length > 2 && parts.Length == 2))
        {
            throw Unreadable(text, "a repository is owner/name, optionally followed by a quantization or a file");
        }

        string repository = $"{segments[0]}/{segments[1]}";
        string? file = segments.Length > 2 ? string.Join('/', segments[2..]) : null;
        if (!HubNames.IsRepository(repository))
        {
            throw Unreadable(text, $"'{repository}' is not the name of a repository");
        }

        if (file is not null && !(HubNames.IsFile(file) && file.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase)))
        {
            throw Unreadable(text, $"'{file}' is not the name of a GGUF file in a repository");
        }

        return new(file is null ? segments[1] : System.IO.Path.GetFileNameWithoutExtension(file))
        {
            HuggingFaceRepository = isModelScope ? null : repository,
            ModelScopeRepository = isModelScope ? repository : null,
            File = file,
            Quantization = parts.Length == 2 ? ReadQuantization(text, parts[1]) : null,
        };
    }

    private static string ReadQuantization(string text, string name) =>
        IsQuantization(name)
            ? name.ToUpperInvariant()
            : throw Unreadable(text, $"'{name}' is not a quantization such as Q4_K_M or Q8_0");

    private static bool IsQuantization(string name) =>
        name.Length is > 0 and <= 32 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');

    private static FormatException Unreadable(string text, string reason) => new(
        $"'{text}' is not a model: {reason}. Give {string.Join(", ", All.Select(model => model.Alias))}, " +
        "each with or without a " +
        $"quantization (instruct-2507:Q8_0), {HuggingFacePrefix}owner/name:Q8_0, " +
        $"{HuggingFacePrefix}owner/name/file.gguf, the same with " +
        $"{ModelScopePrefix}, or the path of a GGUF file.");
}
