using System.Text.Json.Serialization;

namespace Qwen3.Chat.Models.Fetching;

/// <summary>How the answers of the hubs are read.</summary>
[JsonSerializable(typeof(HubAnswers.HuggingFaceModel))]
[JsonSerializable(typeof(HubAnswers.ModelScopeFiles))]
internal sealed partial class HubJson : JsonSerializerContext;
