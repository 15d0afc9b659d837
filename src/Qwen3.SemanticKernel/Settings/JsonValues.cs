using System.Collections;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Qwen3.SemanticKernel.Settings;

/// <summary>Makes JSON of the values that YAML and code have, without reflection.</summary>
internal static class JsonValues
{
    private const int MaxDepth = 64;

    /// <summary>
    /// The value as JSON, or <see langword="null"/> if it is not made of texts, numbers, lists and maps.
    /// </summary>
    public static JsonElement? Create(object? value) => value switch
    {
        JsonElement element => element,
        JsonNode node => JsonElement.Parse(node.ToJsonString()),
        _ when TryCreate(value, MaxDepth, out JsonNode? node) => JsonElement.Parse(node?.ToJsonString() ?? "null"),
        _ => null,
    };

    private static bool TryCreate(object? value, int depth, out JsonNode? node)
    {
        node = null;
        switch (value)
        {
            case null:
                return true;
            case JsonNode other:
                node = other.DeepClone();
                return true;
            case JsonElement element:
                node = JsonNode.Parse(element.GetRawText());
                return true;
            case string text:
                node = text;
                return true;
            case bool flag:
                node = flag;
                return true;
            case IConvertible number and not (Enum or char or DateTime):
                node = JsonNode.Parse(number.ToString(CultureInfo.InvariantCulture));
                return true;
            case IDictionary map when depth > 0:
                var members = new JsonObject();
                foreach (DictionaryEntry entry in map)
                {
                    if (entry.Key is not string name || !TryCreate(entry.Value, depth - 1, out JsonNode? member))
                    {
                        return false;
                    }

                    members[name] = member;
                }

                node = members;
                return true;
            case IList list when depth > 0:
                var items = new JsonArray();
                foreach (object? entry in list)
                {
                    if (!TryCreate(entry, depth - 1, out JsonNode? item))
                    {
                        return false;
                    }

                    items.Add(item);
                }

                node = items;
                return true;
            default:
                return false;
        }
    }
}
