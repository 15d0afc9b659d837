using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.SemanticKernel;

namespace Qwen3.SemanticKernel.Settings;

/// <summary>
/// Reads the settings of other connectors and of prompt files, whose names in JSON are the same for the same setting.
/// </summary>
internal static class ExecutionSettingsReader
{
    /// <exception cref="ArgumentException">
    /// A name is nearly one of this connector's settings, or a value is of the wrong kind.
    /// </exception>
    /// <exception cref="NotSupportedException">A setting is not supported.</exception>
    public static Qwen3PromptExecutionSettings Read(PromptExecutionSettings other)
    {
        var settings = new Qwen3PromptExecutionSettings
        {
            ServiceId = other.ServiceId,
            ModelId = other.ModelId,
            Source = other,
        };
        HashSet<string> known = [];
        Dictionary<string, object> rest = [];
        // This connector's own names win over those of others for the same.
        foreach (
            (string name, object? value, string? property) in Members(other)
                .OrderBy(member => ExecutionSettingNames.Find(member.Name) == member.Name ? 0 : 1))
        {
            if (value is null or JsonElement { ValueKind: JsonValueKind.Null })
            {
                // Not set; another name for the same setting may be.
                continue;
            }

            if (ExecutionSettingNames.Find(name) is { } setting)
            {
                if (known.Add(setting))
                {
                    SettingValues.Set(settings, setting, value);
                }

                continue;
            }

            UnsupportedSettings.Check(name, value, property);
            if (property is null)
            {
                ExecutionSettingNames.Check([name]);
            }

            rest.TryAdd(name, value);
        }

        settings.FunctionChoiceBehavior = other.FunctionChoiceBehavior ?? settings.FunctionChoiceBehavior;
        settings.ExtensionData = rest.Count > 0 ? rest : null;
        return settings;
    }

    /// <summary>
    /// The settings by their names in JSON, with the property that has them; the base class's own are read elsewhere.
    /// </summary>
    private static IEnumerable<(string Name, object? Value, string? Property)> Members(PromptExecutionSettings settings)
    {
        foreach (PropertyInfo property in Properties(settings))
        {
            bool isSetting =
                property.DeclaringType != typeof(PromptExecutionSettings)
                && property.CanRead
                && property.GetIndexParameters().Length == 0
                && property.GetCustomAttribute<JsonIgnoreAttribute>() is not { Condition: JsonIgnoreCondition.Always };
            if (isSetting)
            {
                string name =
                    property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name
                    ?? ExecutionSettingNames.FindProperty(property.Name)
                    ?? property.Name;
                yield return (name, property.GetValue(settings), $"{settings.GetType().Name}.{property.Name}");
            }
        }

        foreach ((string name, object value) in settings.ExtensionData ?? new Dictionary<string, object>())
        {
            yield return (name, value, null);
        }
    }

    // Not by way of JSON: formats and behaviors that are objects of other libraries would be lost in it, and it needs
    // reflection just as much.
    [UnconditionalSuppressMessage(
        "Trimming",
        "IL2075",
        Justification = "A property that trimming removes is one that the app never sets."
    )]
    private static PropertyInfo[] Properties(PromptExecutionSettings settings) =>
        settings.GetType() == typeof(PromptExecutionSettings)
            ? []
            : settings.GetType().GetProperties(BindingFlags.Instance | BindingFlags.Public);
}
