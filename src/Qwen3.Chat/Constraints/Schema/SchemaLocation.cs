using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Qwen3.Chat.Constraints;

/// <summary>A value inside a schema document, which may be a schema. There is one object for each place.</summary>
internal sealed class SchemaLocation
{
    // A pointer is shown to people and never compared, so that long names cost no more than short ones.
    private const int MaxTokenLength = 100, MaxPointerLength = 500;

    private static readonly JsonElement s_null = JsonElement.Parse("""{"type": "null"}""");

    private readonly string _token;
    private readonly SchemaBudget _budget;
    private Dictionary<string, SchemaLocation>? _members;
    private SchemaLocation[]? _items;
    private SchemaLocation? _null;

    public SchemaLocation(JsonElement root, SchemaBudget budget)
        : this(null, "#", root, budget)
    {
    }

    private SchemaLocation(SchemaLocation? parent, string token, JsonElement element, SchemaBudget budget)
    {
        Parent = parent;
        Element = element;
        Id = budget.AddLocation();
        Depth = parent is null ? 1 : parent.Depth + 1;
        _token = token;
        _budget = budget;
    }

    /// <summary>A number that no other place has, in the order in which places were read.</summary>
    public int Id { get; }

    public SchemaLocation? Parent { get; }

    public JsonElement Element { get; }

    /// <summary>How deep it is nested, in JSON's terms; the root is at 1.</summary>
    public int Depth { get; }

    /// <summary>The name or index under which it stands.</summary>
    public string Token => _token;

    /// <summary>
    /// Where it stands, as a JSON pointer in a URI's fragment, to show to a person: long ones are shortened and control
    /// characters escaped.
    /// </summary>
    public string Pointer
    {
        get
        {
            if (Parent is null)
            {
                return _token;
            }

            var tokens = new Stack<string>();
            for (SchemaLocation? at = this; at is not null; at = at.Parent)
            {
                tokens.Push(at._token);
            }

            var pointer = new StringBuilder();
            foreach (string token in tokens)
            {
                pointer.Append(pointer.Length == 0 ? "" : "/").Append(ToText(token));
            }

            const int End = MaxPointerLength / 4;
            return pointer.Length <= MaxPointerLength
                ? pointer.ToString()
                : $"{pointer.ToString(0, MaxPointerLength - End)}…{pointer.ToString(pointer.Length - End, End)}";
        }
    }

    /// <summary>The schema of null, which stands for a <c>nullable</c> here.</summary>
    public SchemaLocation Null => _null ??= new(this, "nullable", s_null, _budget);

    /// <summary>How many members or items it has.</summary>
    public int Count => Element.ValueKind switch
    {
        JsonValueKind.Object => Element.GetPropertyCount(),
        JsonValueKind.Array => Element.GetArrayLength(),
        _ => 0,
    };

    /// <summary>The items of an array, none of what is no array.</summary>
    public IReadOnlyList<SchemaLocation> Items => Element.ValueKind != JsonValueKind.Array
        ? []
        : _items ??= [.. Element.EnumerateArray().Select((item, index) => new SchemaLocation(this, $"{index}", item, _budget))];

    /// <summary>The members of an object, of equal names the last; none of what is no object.</summary>
    public IReadOnlyDictionary<string, SchemaLocation> Members
    {
        get
        {
            if (_members is null)
            {
                var members = new Dictionary<string, SchemaLocation>(Element.ValueKind == JsonValueKind.Object ? Count : 0, StringComparer.Ordinal);
                foreach (JsonProperty member in Element.ValueKind == JsonValueKind.Object ? Element.EnumerateObject() : default)
                {
                    members[member.Name] = new(this, member.Name, member.Value, _budget);
                }

                _members = members;
            }

            return _members;
        }
    }

    /// <summary>The member of a name or the item of an index, or null.</summary>
    public SchemaLocation? Find(string token) =>
        Element.ValueKind != JsonValueKind.Array ? Members.GetValueOrDefault(token) :
        int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < Count ? Items[index] :
        null;

    /// <summary>
    /// What stands under a keyword, or null. A keyword that is null says nothing: so some writers leave keywords out.
    /// </summary>
    public SchemaLocation? Keyword(string name) => Find(name) is { Element.ValueKind: not JsonValueKind.Null } value ? value : null;

    /// <summary>The text that a keyword has, or null if it has none.</summary>
    public string? Text(string keyword) =>
        Element.ValueKind == JsonValueKind.Object && Find(keyword) is { Element.ValueKind: JsonValueKind.String } value ? value.Element.GetString() : null;

    /// <summary>Whether this is the other or contains it.</summary>
    public bool IsAround(SchemaLocation other)
    {
        SchemaLocation? at = other;
        while (at is not null && at.Depth > Depth)
        {
            at = at.Parent;
        }

        return at == this;
    }

    /// <summary>Spends from the budget of the schema.</summary>
    public void Spend(long work) => _budget.Spend(work, this);

    private static string ToText(string token)
    {
        var text = new StringBuilder();
        foreach (Rune rune in token.EnumerateRunes())
        {
            if (text.Length >= MaxTokenLength)
            {
                return text.Append('…').ToString();
            }

            _ = rune.Value switch
            {
                '~' => text.Append("~0"),
                '/' => text.Append("~1"),
                _ when Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or
                    UnicodeCategory.ParagraphSeparator => text.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:X4}"),
                _ when rune.IsBmp => text.Append((char)rune.Value),
                _ => text.Append(rune.ToString()),
            };
        }

        return text.ToString();
    }
}
