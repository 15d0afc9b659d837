using System.Text.Json;
using System.Text.Json.Serialization;

namespace Qwen3.Chat.Models;

/// <summary>Finds models in the folders of other tools: LM Studio, llama.cpp, ModelScope and Ollama.</summary>
internal static partial class ToolSearch
{
    private const string Weights = "application/vnd.ollama.image.model", Digest = "sha256:",
        Library = "registry.ollama.ai/library/";
    private const int MaxManifestLength = 1 << 20;

    public static IEnumerable<Candidate> Candidates(HubSettings settings, FolderSearch search) =>
        LmStudio(settings, search)
            .Concat(LlamaCpp(settings, search))
            .Concat(ModelScope(settings, search))
            .Concat(Ollama(settings, search));

    /// <summary>Returns whether a file name begins with a repository in the way that llama.cpp names files.</summary>
    public static bool IsLlamaCppFileOf(string fileName, string repository) =>
        fileName.StartsWith(repository.Replace('/', '_') + "_", StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<Candidate> LmStudio(HubSettings settings, FolderSearch search) =>
        ((string[])[".lmstudio/models", ".cache/lm-studio/models"]).SelectMany(folder => search.Candidates(
            Path.Combine([settings.UserFolder, .. folder.Split('/')]),
            ModelLocation.LmStudio,
            ModelHubKind.HuggingFace));

    // Before March 2026 llama.cpp named files owner_name_file.gguf in a folder of its own.
    private static IEnumerable<Candidate> LlamaCpp(HubSettings settings, FolderSearch search)
    {
        string folder = settings.Variable("LLAMA_CACHE") ?? Path.Combine(
            OperatingSystem.IsMacOS() ? Path.Combine(settings.UserFolder, "Library", "Caches")
            : OperatingSystem.IsWindows() ? settings.Variable("LOCALAPPDATA") ?? settings.UserCache
            : settings.UserCache,
            "llama.cpp");
        return HuggingFaceSearch.Candidates(folder, ModelHubKind.HuggingFace,
            search).Concat(search.Models(folder, maxDepth: 0)
            .Select(path => new Candidate(path, ModelLocation.LlamaCpp, Repository: null, Path.GetFileName(path))));
    }

    // ModelScope's tools put files into models/OWNER/NAME, older ones into OWNER/NAME, and write "___" for a dot in a
    // name.
    private static IEnumerable<Candidate> ModelScope(HubSettings settings, FolderSearch search)
    {
        string root = settings.Variable("MODELSCOPE_CACHE")
            ?? Path.Combine(settings.UserFolder, ".cache", "modelscope");
        string[] folders =
            [Path.Combine(root, "hub", "models"), Path.Combine(root, "models"), Path.Combine(root, "hub"), root];
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return folders
            .SelectMany(folder => search.Candidates(
                folder,
                ModelLocation.ModelScopeCache,
                ModelHubKind.ModelScope,
                name => name.Replace("___", ".", StringComparison.Ordinal)))
            .Where(candidate => seen.Add(candidate.Path));
    }

    // Ollama has a manifest for each name, which gives the file with the weights by its checksum.
    private static IEnumerable<Candidate> Ollama(HubSettings settings, FolderSearch search)
    {
        string[] stores = settings.Variable("OLLAMA_MODELS") is { } named
            ? [named]
            : [Path.Combine(settings.UserFolder, ".ollama", "models"), "/usr/share/ollama/.ollama/models"];
        foreach (string store in stores)
        {
            string manifests = Path.Combine(store, "manifests");
            foreach (string path in search.Files(manifests))
            {
                string[] segments = Path.GetRelativePath(manifests, path).Split(Path.DirectorySeparatorChar);
                if (segments.Length >= 2 && OllamaBlob(path) is { } blob)
                {
                    (ModelHubKind? hub, string repository) = OllamaRepository(segments);
                    yield return new(
                        Path.Combine(store, "blobs", blob),
                        ModelLocation.Ollama,
                        repository,
                        $"{segments[^2]}-{segments[^1]}.gguf")
                    {
                        Hub = hub,
                    };
                }
            }
        }
    }

    private static (ModelHubKind? Hub, string Repository) OllamaRepository(string[] segments)
    {
        string name = $"{string.Join('/', segments[..^1])}:{segments[^1]}";
        return segments switch
        {
            ["hf.co" or "huggingface.co", var owner, var model, _] => (ModelHubKind.HuggingFace, $"{owner}/{model}"),
            ["modelscope.cn" or "www.modelscope.cn" or "modelscope.ai", var owner, var model, _] =>
                (ModelHubKind.ModelScope, $"{owner}/{model}"),
            _ => (null, name.StartsWith(Library, StringComparison.Ordinal) ? name[Library.Length..] : name),
        };
    }

    /// <summary>
    /// Returns the name of the file with the weights, or <see langword="null"/> if the file is not a readable manifest.
    /// </summary>
    private static string? OllamaBlob(string path)
    {
        try
        {
            OllamaManifest? manifest = SmallFile.Read(path, MaxManifestLength) is { } content
                ? JsonSerializer.Deserialize(content, OllamaJson.Default.OllamaManifest)
                : null;
            string? digest = manifest?.Layers?.FirstOrDefault(layer => layer?.MediaType == Weights)?.Digest;
            return digest is not null
                && digest.StartsWith(Digest, StringComparison.Ordinal)
                && digest.Length == Digest.Length + 64
                && HubNames.IsChecksum(digest[Digest.Length..])
                ? digest.Replace(':', '-')
                : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The part of a manifest in Ollama's store that names the files. Every member can be missing.</summary>
    internal sealed record OllamaManifest([property: JsonPropertyName("layers")] OllamaLayer?[]? Layers);

    internal sealed record OllamaLayer(
        [property: JsonPropertyName("mediaType")] string? MediaType,
        [property: JsonPropertyName("digest")] string? Digest);

    [JsonSerializable(typeof(OllamaManifest))]
    internal sealed partial class OllamaJson : JsonSerializerContext;
}
