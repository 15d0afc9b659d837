using System.Text.Json.Serialization;

namespace Qwen3.Chat.Models.Finding;

/// <summary>How the manifests in Ollama's store are read.</summary>
[JsonSerializable(typeof(OllamaManifest))]
internal sealed partial class OllamaJson : JsonSerializerContext;
