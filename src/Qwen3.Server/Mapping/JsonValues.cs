using System.Text.Json;
using Qwen3.Server.Serving;
using Qwen3.Server.Wire;

namespace Qwen3.Server.Mapping;

/// <summary>Reads the fields that can be of several types.</summary>
internal static class JsonValues
{
    /// <summary>Whether a field says something.</summary>
    public static bool IsSet(JsonElement? value) => value is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) };

    /// <exception cref="ApiException">The element is no text.</exception>
    public static string Text(JsonElement element, string param)
    {
        try
        {
            return element.ValueKind == JsonValueKind.String ? element.GetString()! : throw ApiException.Invalid(param, "must be a string.");
        }
        catch (InvalidOperationException)
        {
            throw NoText(param);
        }
    }

    /// <summary>A member that must be there and be a text.</summary>
    public static string RequiredText(JsonElement element, string name, string param) =>
        element.ValueKind != JsonValueKind.Object ? throw ApiException.Invalid(param, "must be an object.")
        : element.TryGetProperty(name, out JsonElement member) ? Text(member, $"{param}.{name}")
        : throw ApiException.Invalid($"{param}.{name}", "is missing.");

    /// <summary>An object of any form, such as a schema, whose texts are texts.</summary>
    public static JsonElement Object(JsonElement? element, string param, string what)
    {
        if (element is not { ValueKind: JsonValueKind.Object } found)
        {
            throw ApiException.Invalid(param, $"must be {what}, which is an object.");
        }

        CheckTexts(found, param);
        return found;
    }

    /// <summary>The members of an object that stands in a string, as the arguments of calls do.</summary>
    public static Dictionary<string, object?>? Members(string? json, string param)
    {
        if (string.IsNullOrWhiteSpace(json))
        {
            return null;
        }

        try
        {
            JsonElement parsed = JsonElement.Parse(json);
            if (parsed.ValueKind == JsonValueKind.Null)
            {
                // As some clients write that there are none.
                return null;
            }

            JsonElement arguments = Object(parsed, param, "the arguments of a call");
            return arguments.Deserialize(WireJson.Answers.DictionaryStringObject);
        }
        catch (JsonException)
        {
            throw ApiException.Invalid(param, "must be a JSON object in a string, as the call had it.");
        }
    }

    /// <exception cref="ApiException">A text in it, or the name of a member, is none.</exception>
    public static void CheckTexts(JsonElement element, string param)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                Text(element, param);
                break;
            case JsonValueKind.Array:
                foreach (JsonElement item in element.EnumerateArray())
                {
                    CheckTexts(item, param);
                }

                break;
            case JsonValueKind.Object:
                foreach (JsonProperty member in element.EnumerateObject())
                {
                    CheckName(member, param);
                    CheckTexts(member.Value, param);
                }

                break;
        }
    }

    private static void CheckName(JsonProperty member, string param)
    {
        try
        {
            _ = member.Name;
        }
        catch (InvalidOperationException)
        {
            throw NoText(param);
        }
    }

    private static ApiException NoText(string param) => ApiException.Invalid(param, "has half of a surrogate pair, which is no text.");
}
