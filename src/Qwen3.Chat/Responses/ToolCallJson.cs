using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Qwen3.Chat.Responses;

/// <summary>Reads the JSON of a tool call, including the common mistakes of models.</summary>
internal static class ToolCallJson
{
    /// <param name="json">One object.</param>
    /// <param name="mends">Whether to repair invalid JSON.</param>
    /// <param name="call">The call.</param>
    public static bool TryRead(string json, bool mends, [NotNullWhen(true)] out FunctionCallContent? call)
    {
        call = null;
        bool isJson = mends
            ? LenientJson.TryParse(json, out JsonElement root)
            : LenientJson.TryParseStrictly(json, out root);
        if (!isJson || root.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        root = LenientJson.Readable(root);
        // Other models write {"function": {"name": …}} or {"function": "name", …}.
        bool isNested =
            root.TryGetProperty("function", out JsonElement inner) && inner.ValueKind == JsonValueKind.Object;
        JsonElement function = isNested ? inner : root;
        bool hasName =
            function.TryGetProperty("name", out JsonElement name) || function.TryGetProperty("function", out name);
        if (!hasName ||
            name.ValueKind != JsonValueKind.String ||
            name.GetString() is not { Length: > 0 } nameText)
        {
            return false;
        }

        JsonElement arguments = FirstValue(function, root);
        if (arguments.ValueKind == JsonValueKind.String && arguments.GetString() is { } text)
        {
            arguments = default;
            if (!string.IsNullOrWhiteSpace(text) && !LenientJson.TryParse(text, out arguments))
            {
                return false;
            }
        }

        bool isEmptyArray = arguments.ValueKind == JsonValueKind.Array && arguments.GetArrayLength() == 0;
        if (!isEmptyArray &&
            arguments.ValueKind is not (JsonValueKind.Object or JsonValueKind.Null or JsonValueKind.Undefined))
        {
            return false;
        }

        var members = new Dictionary<string, object?>();
        if (arguments.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty member in arguments.EnumerateObject())
            {
                members[member.Name] = member.Value;
            }
        }

        call = new(UniqueCallIds.Create(), nameText, members);
        return true;
    }

    /// <summary>Returns the arguments, under either name, from the inner or the outer object.</summary>
    private static JsonElement FirstValue(JsonElement function, JsonElement root)
    {
        foreach (JsonElement parent in (JsonElement[])[function, root])
        {
            foreach (string name in (string[])["arguments", "parameters"])
            {
                if (parent.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null)
                {
                    return value;
                }
            }
        }

        return default;
    }
}
