using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Qwen3.Chat.Responses;

/// <summary>Reads the JSON of a call as models write it, the ways included in which they get it wrong.</summary>
internal static class ToolCallJson
{
    public static bool TryRead(string json, [NotNullWhen(true)] out FunctionCallContent? call)
    {
        call = null;
        if (!LenientJson.TryParse(json, out JsonElement root) || root.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        if (root.TryGetProperty("function", out JsonElement function) && function.ValueKind == JsonValueKind.Object)
        {
            root = function;
        }

        if (!root.TryGetProperty("name", out JsonElement name) || name.ValueKind != JsonValueKind.String || name.GetString() is not { Length: > 0 } nameText)
        {
            return false;
        }

        if (!root.TryGetProperty("arguments", out JsonElement arguments))
        {
            root.TryGetProperty("parameters", out arguments);
        }

        if (arguments.ValueKind == JsonValueKind.String && arguments.GetString() is { } text)
        {
            arguments = default;
            if (!string.IsNullOrWhiteSpace(text) && !LenientJson.TryParse(text, out arguments))
            {
                return false;
            }
        }

        if (arguments.ValueKind is not (JsonValueKind.Object or JsonValueKind.Null or JsonValueKind.Undefined))
        {
            return false;
        }

        var members = new Dictionary<string, object?>();
        foreach (JsonProperty member in arguments.ValueKind == JsonValueKind.Object ? arguments.EnumerateObject() : default)
        {
            members[member.Name] = member.Value;
        }

        call = new($"call_{Guid.NewGuid():N}", nameText, members);
        return true;
    }
}
