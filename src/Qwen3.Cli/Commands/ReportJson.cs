using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Qwen3.Cli.Diagnosis;

namespace Qwen3.Cli.Commands;

/// <summary>The JSON of <c>--json</c>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(RunReport))]
[JsonSerializable(typeof(ListedModel[]))]
[JsonSerializable(typeof(ModelReport))]
[JsonSerializable(typeof(BenchReport))]
[JsonSerializable(typeof(List<Finding>))]
internal sealed partial class ReportJson : JsonSerializerContext
{
    /// <summary>Letters of all scripts are not escaped.</summary>
    public static ReportJson Readable =>
        new(new JsonSerializerOptions(Default.Options!) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
