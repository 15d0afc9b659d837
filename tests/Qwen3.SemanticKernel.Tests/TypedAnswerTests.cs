using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using AI = Microsoft.Extensions.AI;

namespace Qwen3.SemanticKernel.Tests;

/// <summary>Answers that are a .NET type.</summary>
public sealed partial class TypedAnswerTests(KernelFixture kernels) : IClassFixture<KernelFixture>
{
    [Fact]
    public async Task An_answer_of_a_type_is_read_with_the_default_options_of_JSON()
    {
        Kernel kernel = kernels.Instruct;
        var settings = new Qwen3PromptExecutionSettings
        {
            Temperature = 0,
            MaxTokens = 200,
            ResponseFormat = typeof(Mood),
        };

        string text = (
            await kernel
                .GetRequiredService<IChatCompletionService>()
                .GetChatMessageContentAsync("Hello!", settings, kernel)
        ).Content!;

        Mood mood = JsonSerializer.Deserialize<Mood>(text)!;
        Assert.Contains(mood.Word, (Kind[])[Kind.Good, Kind.Bad]);
        Assert.Equal(["Level", "Word"], JsonElement.Parse(text).EnumerateObject().Select(member => member.Name).Order());
    }

    [Fact]
    public void The_schema_of_a_type_is_that_of_the_OpenAI_connector()
    {
        JsonElement schema = Schema(typeof(Order));
        Assert.False(schema.GetProperty("additionalProperties").GetBoolean());
        Assert.Equal(
            ["Name", "Count", "Kinds", "Note"],
            schema.GetProperty("required").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal(
            """{"type":"array","items":{"type":"string","enum":["Good","Bad"]}}""",
            schema.GetProperty("properties").GetProperty("Kinds").GetRawText());
        Assert.Equal("OrderList", Format(typeof(List<Order>)).SchemaName);
        Assert.Equal(Schema(typeof(int)).GetRawText(), Schema(typeof(int?)).GetRawText());
    }

    [Theory]
    [InlineData(typeof(byte), "0", "255")]
    [InlineData(typeof(sbyte), "-128", "127")]
    [InlineData(typeof(short), "-32768", "32767")]
    [InlineData(typeof(ushort), "0", "65535")]
    [InlineData(typeof(int), "-2147483648", "2147483647")]
    [InlineData(typeof(uint), "0", "4294967295")]
    [InlineData(typeof(long), "-9223372036854775808", "9223372036854775807")]
    [InlineData(typeof(ulong), "0", "18446744073709551615")]
    public void An_integer_is_held_to_the_range_of_its_type(Type type, string least, string most)
    {
        JsonElement schema = Schema(type);
        Assert.Equal(
            (least, most),
            (schema.GetProperty("minimum").GetRawText(), schema.GetProperty("maximum").GetRawText()));
        Assert.NotNull(Qwen3.Chat.Constraints.JsonSchemaGrammar.Create(schema));
    }

    [Fact]
    public void A_JSON_type_info_names_its_type_as_its_options_do()
    {
        var settings = new Qwen3PromptExecutionSettings { ResponseFormat = Json.Default.Mood };
        var format = (AI.ChatResponseFormatJson)settings.ToChatOptions(null).ResponseFormat!;
        Assert.Equal("Mood", format.SchemaName);
        Assert.True(format.Schema!.Value.GetProperty("properties").TryGetProperty("word", out _));
    }

    private static AI.ChatResponseFormatJson Format(Type type) =>
        (AI.ChatResponseFormatJson)
            new Qwen3PromptExecutionSettings { ResponseFormat = type }
                .ToChatOptions(null)
                .ResponseFormat!;

    private static JsonElement Schema(Type type) => Format(type).Schema!.Value;

    [JsonConverter(typeof(JsonStringEnumConverter<Kind>))]
    internal enum Kind
    {
        Good,
        Bad,
    }

    internal sealed record Mood(Kind Word, byte Level);

    internal sealed record Order(string Name, int Count, Kind[] Kinds, string? Note = null);

    [JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
    [JsonSerializable(typeof(Mood))]
    private sealed partial class Json : JsonSerializerContext;
}
