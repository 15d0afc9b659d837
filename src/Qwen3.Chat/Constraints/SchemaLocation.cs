using System.Text.Json;

namespace Qwen3.Chat.Constraints;

/// <summary>A schema inside a schema document.</summary>
/// <param name="Pointer">Where it stands, as a JSON pointer in a URI's fragment.</param>
/// <param name="Element">The schema.</param>
internal readonly record struct SchemaLocation(string Pointer, JsonElement Element)
{
    /// <summary>The schema that stands under a keyword or an index.</summary>
    public SchemaLocation At(string token, JsonElement element) => new($"{Pointer}/{token.Replace("~", "~0").Replace("/", "~1")}", element);

    public SchemaLocation At(string keyword, string name, JsonElement element) => At(keyword, element).At(name, element);

    /// <summary>What stands under a token of a JSON pointer, or null.</summary>
    public SchemaLocation? Find(string token)
    {
        string name = token.Replace("~1", "/").Replace("~0", "~");
        return Element.ValueKind switch
        {
            JsonValueKind.Object when Element.TryGetProperty(name, out JsonElement member) => At(name, member),
            JsonValueKind.Array when int.TryParse(name, out int index) && index >= 0 && index < Element.GetArrayLength() => At(name, Element[index]),
            _ => null,
        };
    }

    /// <summary>The text that a keyword has, or null if it has none.</summary>
    public string? Text(string keyword) =>
        Element.ValueKind == JsonValueKind.Object && Element.TryGetProperty(keyword, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    /// <summary>Whether this is the other or contains it.</summary>
    public bool IsAround(SchemaLocation other) => $"{other.Pointer}/".StartsWith($"{Pointer}/", StringComparison.Ordinal);
}
