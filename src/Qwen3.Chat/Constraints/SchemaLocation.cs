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
}
