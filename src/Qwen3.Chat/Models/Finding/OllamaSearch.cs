using System.Text.Json;

namespace Qwen3.Chat.Models.Finding;

/// <summary>Finds models in Ollama's store: a manifest for each name, which tells the file with the weights by its checksum.</summary>
internal static class OllamaSearch
{
    private const string Weights = "application/vnd.ollama.image.model", Digest = "sha256:", Library = "registry.ollama.ai/library/";
    private const long MaxManifestLength = 1 << 20;

    public static IEnumerable<Candidate> Candidates(HubSettings settings)
    {
        string[] stores = settings.Variable("OLLAMA_MODELS") is { } store
            ? [store]
            : [Path.Combine(settings.UserFolder, ".ollama", "models"), "/usr/share/ollama/.ollama/models"];
        return stores.SelectMany(Candidates);
    }

    private static IEnumerable<Candidate> Candidates(string store)
    {
        string manifests = Path.Combine(store, "manifests");
        if (!Directory.Exists(manifests))
        {
            yield break;
        }

        var options = new EnumerationOptions { IgnoreInaccessible = true, RecurseSubdirectories = true, MaxRecursionDepth = 6 };
        foreach (string path in Directory.EnumerateFiles(manifests, "*", options).Order(StringComparer.Ordinal))
        {
            string name = Path.GetRelativePath(manifests, path).Replace(Path.DirectorySeparatorChar, '/');
            if (Blob(path) is { } blob && name.LastIndexOf('/') is > 0 and var tag)
            {
                string[] segments = name.Split('/');
                string? repository = segments is ["hf.co" or "huggingface.co", var owner, var model, _] ? $"{owner}/{model}"
                    : name.StartsWith(Library, StringComparison.Ordinal) ? $"{name[Library.Length..tag]}:{name[(tag + 1)..]}"
                    : $"{name[..tag]}:{name[(tag + 1)..]}";
                yield return new(Path.Combine(store, "blobs", blob), ModelLocation.Ollama, repository, $"{segments[^2]}-{segments[^1]}.gguf");
            }
        }
    }

    /// <summary>The name of the file with the weights; <see langword="null"/> if the manifest has none, or cannot be read.</summary>
    private static string? Blob(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            OllamaManifest? manifest = stream.Length <= MaxManifestLength
                ? JsonSerializer.Deserialize(stream, OllamaJson.Default.OllamaManifest)
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
            // Not a manifest, or not for this user: there is nothing to be found in it.
            return null;
        }
    }
}
