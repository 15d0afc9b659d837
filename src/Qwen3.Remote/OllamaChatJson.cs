using System.Text.Json;
using System.Text.Json.Serialization;
using OllamaSharp.Models.Chat;

namespace Qwen3.Remote;

/// <summary>How requests to Ollama are written and its answers read; OllamaSharp's own way is by reflection.</summary>
[JsonSerializable(typeof(ChatRequest))]
[JsonSerializable(typeof(ChatResponseStream))]
[JsonSerializable(typeof(ChatDoneResponseStream))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(string))]
internal sealed partial class OllamaChatJson : JsonSerializerContext;
