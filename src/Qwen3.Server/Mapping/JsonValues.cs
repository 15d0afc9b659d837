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
            throw ApiException.Invalid(param, "has half of a surrogate pair, which is no text.");
        }
    }

    /// <summary>A member that must be there and be a text.</summary>
    public static string RequiredText(JsonElement element, string name, string param) =>
        element.ValueKind != JsonValueKind.Object ? throw ApiException.Invalid(param, "must be an object.")
        : element.TryGetProperty(name, out JsonElement member) ? Text(member, $"{param}.{name}")
        : throw ApiException.Invalid($"{param}.{name}", "is missing.");

    /// <summary>The members of an object that stands in a string, as the arguments of calls do.</summary>
    public static Dictionary<string, object?>? Members(string? json, string param)
    {
        if (string.IsNullOrWhiteSpace(json))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(json, WireJson.Answers.DictionaryStringObject);
        }
        catch (JsonException)
        {
            throw ApiException.Invalid(param, "must be a JSON object in a string, as the call had it.");
        }
    }
}
