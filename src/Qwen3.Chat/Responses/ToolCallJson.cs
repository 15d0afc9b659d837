using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Qwen3.Chat.Responses;

/// <summary>Reads the JSON of a call as models write it, the ways included in which they get it wrong.</summary>
internal static class ToolCallJson
{
    /// <param name="json">One object.</param>
    /// <param name="mends">Whether JSON that is not quite right will do.</param>
    /// <param name="call">The call.</param>
    public static bool TryRead(string json, bool mends, [NotNullWhen(true)] out FunctionCallContent? call)
    {
        call = null;
        if (!(mends ? LenientJson.TryParse(json, out JsonElement root) : LenientJson.TryParseStrictly(json, out root)) || root.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        root = LenientJson.Readable(root);
        // {"function": {"name": …}} and {"function": "name", …} are how other models write it.
        JsonElement function = root.TryGetProperty("function", out JsonElement inner) && inner.ValueKind == JsonValueKind.Object ? inner : root;
        if ((!function.TryGetProperty("name", out JsonElement name) && !function.TryGetProperty("function", out name)) ||
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
        if (!isEmptyArray && arguments.ValueKind is not (JsonValueKind.Object or JsonValueKind.Null or JsonValueKind.Undefined))
        {
            return false;
        }

        var members = new Dictionary<string, object?>();
        foreach (JsonProperty member in arguments.ValueKind == JsonValueKind.Object ? arguments.EnumerateObject() : default)
        {
            members[member.Name] = member.Value;
        }

        call = new(UniqueCallIds.Create(), nameText, members);
        return true;
    }

    /// <summary>The arguments, under either name, beside the function's name or around it.</summary>
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
