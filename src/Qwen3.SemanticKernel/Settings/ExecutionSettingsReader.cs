using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.SemanticKernel;

namespace Qwen3.SemanticKernel.Settings;

/// <summary>Reads the settings of other connectors, which have in common what their JSON is called.</summary>
internal static class ExecutionSettingsReader
{
    // Other connectors take a type as a response's format, which does not serialize; and a tool mode has another form by itself.
    private static readonly JsonSerializerOptions s_json = new() { Converters = { new TypeConverter(), new ToolModeConverter() } };

    /// <exception cref="ArgumentException">A member is nearly a setting of this connector, or a setting's value is of the wrong kind.</exception>
    public static Qwen3PromptExecutionSettings Read(PromptExecutionSettings other)
    {
        var known = new JsonObject();
        object? responseFormat = null;
        Dictionary<string, object> rest = [];
        // The connector's own names win over those of others for the same.
        foreach ((string name, object? value) in Members(other).OrderBy(member => ExecutionSettingNames.Find(member.Key) == member.Key ? 0 : 1))
        {
            if (value is null or JsonElement { ValueKind: JsonValueKind.Null })
            {
                // Not set; another name for the same may be.
                continue;
            }

            switch (ExecutionSettingNames.Find(name))
            {
                case null:
                    rest[name] = value;
                    break;
                case ExecutionSettingNames.ResponseFormat:
                    responseFormat ??= value;
                    break;
                case string setting:
                    known.TryAdd(setting, Node(setting, value));
                    break;
            }
        }

        ExecutionSettingNames.Check(rest.Keys);
        Qwen3PromptExecutionSettings settings = Read(known);
        settings.ServiceId = other.ServiceId;
        settings.ModelId = other.ModelId;
        // The functions in it do not survive JSON.
        settings.FunctionChoiceBehavior = other.FunctionChoiceBehavior ?? settings.FunctionChoiceBehavior;
        settings.ResponseFormat = responseFormat;
        settings.ExtensionData = rest.Count > 0 ? rest : null;
        return settings;
    }

    private static IDictionary<string, object> Members(PromptExecutionSettings settings)
    {
        if (settings.GetType() != typeof(PromptExecutionSettings))
        {
            settings = JsonSerializer.SerializeToNode(settings, settings.GetType(), s_json).Deserialize<PromptExecutionSettings>()!;
        }

        return settings.ExtensionData ?? new Dictionary<string, object>();
    }

    private static JsonNode? Node(string setting, object? value)
    {
        JsonNode? node = value switch
        {
            Enum => value.ToString(),
            // 20.0 is a whole number, too.
            JsonElement { ValueKind: JsonValueKind.Number } json when json.TryGetDecimal(out decimal number) && decimal.IsInteger(number) =>
                decimal.Truncate(number),
            _ => JsonSerializer.SerializeToNode(value, s_json),
        };
        return setting == ExecutionSettingNames.StopSequences && node is JsonValue ? new JsonArray(node) : node;
    }

    private static Qwen3PromptExecutionSettings Read(JsonObject known)
    {
        try
        {
            return known.Deserialize<Qwen3PromptExecutionSettings>()!;
        }
        catch (JsonException e)
        {
            string name = known.Select(member => member.Key).First(key => e.Path?.StartsWith($"$.{key}", StringComparison.Ordinal) == true);
            throw new ArgumentException($"The setting {name} is {known[name]?.ToJsonString()}; give {ExecutionSettingNames.Expectation(name)}.", e);
        }
    }
}
