using System.Text.Json.Serialization;

namespace Qwen3.Chat.Models;

/// <summary>The parts of the hubs' answers that are read. Every member can be missing.</summary>
internal static class HubAnswers
{
    internal sealed record HuggingFaceModel(
        [property: JsonPropertyName("sha")] string? Commit,
        [property: JsonPropertyName("siblings")] HuggingFaceFile?[]? Files);

    internal sealed record HuggingFaceFile(
        [property: JsonPropertyName("rfilename")] string? Path,
        [property: JsonPropertyName("size")] long? Size,
        [property: JsonPropertyName("lfs")] HuggingFaceLfs? Lfs);

    internal sealed record HuggingFaceLfs(
        [property: JsonPropertyName("sha256")] string? Sha256, [property: JsonPropertyName("size")] long? Size);

    internal sealed record ModelScopeFiles(
        [property: JsonPropertyName("Code")] int? Code,
        [property: JsonPropertyName("Message")] string? Message,
        [property: JsonPropertyName("Data")] ModelScopeData? Data);

    internal sealed record ModelScopeData([property: JsonPropertyName("Files")] ModelScopeFile?[]? Files);

    internal sealed record ModelScopeFile(
        [property: JsonPropertyName("Path")] string? Path,
        [property: JsonPropertyName("Size")] long? Size,
        [property: JsonPropertyName("Sha256")] string? Sha256);
}

[JsonSerializable(typeof(HubAnswers.HuggingFaceModel))]
[JsonSerializable(typeof(HubAnswers.ModelScopeFiles))]
internal sealed partial class HubJson : JsonSerializerContext;
