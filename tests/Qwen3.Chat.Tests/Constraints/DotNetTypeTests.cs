using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;
using Qwen3.Chat.Constraints;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Tests.Constraints;

public sealed class DotNetTypeTests(ModelFixture models) : IClassFixture<ModelFixture>
{
    private static readonly JsonSerializerOptions s_ai = new(AIJsonUtilities.DefaultOptions)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = false,
        // Left out, a null is missing where the schema of the same options requires it.
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
    };

    private static readonly JsonSerializerOptions s_plain = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        Converters = { new JsonStringEnumConverter() },
    };

    private static readonly JsonSerializerOptions s_indented = new(s_ai) { WriteIndented = true };

    public static TheoryData<object, string[]> Values => new()
    {
        {
            new Moment(
                new(2024, 2, 29, 1, 2, 3, DateTimeKind.Utc), new(2024, 1, 1, 2, 3, 4, TimeSpan.FromHours(5.5)), new(1999, 12, 31), new(23, 59, 1),
                new(3, 4, 5, 6)),
            ["""{"Utc":"2024-02-29"}"""]
        },
        { new Simple(Guid.NewGuid(), new("https://example.org/a?b=c"), 1.25m, [1, 2, 255], 'x', 2.5f, -7, ulong.MaxValue / 4, true),
            ["""{"Id":"x"}"""] },
        { new Order(Level.High, null, [Level.Low], new() { ["a b"] = 1, ["\"quoted\""] = -2 }, "text with \"quotes\", \\, \n and ü"), ["{}"] },
        { new Order(Level.Low, 3, [], [], ""), ["""{"Level":"Other","Optional":null,"Levels":[],"Counts":{},"Text":""}"""] },
        { new Person("Ann", new("Bob", null, []), [new("Cy", null, [])]), ["""{"Name":"Ann"}""", """{"Name":null,"Boss":null,"Team":[]}"""] },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void What_the_serializer_writes_is_accepted(object value, string[] wrong)
    {
        JsonElement schema = AIJsonUtilities.CreateJsonSchema(value.GetType(), serializerOptions: s_ai);
        var grammar = new Grammar(JsonSchemaGrammar.Create(schema).ToString(), models.Tokenizer);
        foreach (JsonSerializerOptions options in (JsonSerializerOptions[])[s_ai, s_indented])
        {
            string text = JsonSerializer.Serialize(value, value.GetType(), options);
            Assert.True(grammar.Accepts(text), $"{text}\n{schema}\n{grammar}");
        }

        Assert.All(wrong.Append("null").Append("[]"), text => Assert.False(grammar.Accepts(text), text));

        // The exporter's own schemas, of options of one's own, are others.
        JsonElement exported = JsonSerializer.SerializeToElement(s_plain.GetJsonSchemaAsNode(value.GetType()));
        grammar = new(JsonSchemaGrammar.Create(exported).ToString(), models.Tokenizer);
        Assert.True(grammar.Accepts(JsonSerializer.Serialize(value, value.GetType(), s_plain)), $"{exported}\n{grammar}");
    }

    [Theory]
    [InlineData(typeof(Moment))]
    [InlineData(typeof(Order))]
    [InlineData(typeof(Person))]
    [InlineData(typeof(Shape))]
    public void What_the_grammar_allows_binds(Type type)
    {
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        var sentences = new SentenceGenerator(JsonSchemaGrammar.Create(AIJsonUtilities.CreateJsonSchema(type, serializerOptions: s_ai)).ToString());
        for (int i = 0; i < 200; i++)
        {
            string sentence = sentences.Next(random);
            Exception? failure = Record.Exception(() => JsonSerializer.Deserialize(sentence, type, s_ai));
            Assert.True(failure is null, $"seed {seed}: {sentence}: {failure?.Message}");
        }
    }

    [Fact]
    public void A_time_span_is_one_that_binds()
    {
        JsonElement schema = AIJsonUtilities.CreateJsonSchema(typeof(TimeSpan));
        var grammar = new Grammar(JsonSchemaGrammar.Create(schema).ToString(), models.Tokenizer);
        Assert.True(grammar.Accepts(JsonSerializer.Serialize(TimeSpan.FromDays(3.5))));
        Assert.False(grammar.Accepts("\"99:99:99\""));
    }

    [Fact]
    public void Polymorphic_types_have_their_discriminator_first()
    {
        JsonElement schema = AIJsonUtilities.CreateJsonSchema(typeof(Shape), serializerOptions: s_ai);
        var grammar = new Grammar(JsonSchemaGrammar.Create(schema).ToString(), models.Tokenizer);
        // A type's own properties come before those of its base, in the schema and in what the serializer writes.
        Assert.True(grammar.Accepts(JsonSerializer.Serialize<Shape>(new Circle("c", 2.5), s_ai)), $"{grammar}");
        Assert.True(grammar.Accepts(JsonSerializer.Serialize<Shape>(new Square("s", 3), s_ai)), $"{grammar}");
        Assert.False(grammar.Accepts("""{"$type":"circle","Side":3,"Name":"c"}"""));
        Assert.False(grammar.Accepts("""{"Radius":3,"Name":"c","$type":"circle"}"""));
    }

    [Fact]
    public void Functions_get_their_arguments()
    {
        AIFunction function = AIFunctionFactory.Create(
            (string city, int days, Level level, DateOnly? from = null, string[]? tags = null, bool detailed = true) => city, "forecast");
        var grammar = new Grammar(JsonSchemaGrammar.Create(function.JsonSchema).ToString(), models.Tokenizer);
        Assert.True(grammar.Accepts("""{"city": "Rome", "days": 3, "level": "High"}"""), $"{grammar}");
        Assert.True(
            grammar.Accepts("""{"city": "Rome", "days": 3, "level": "Low", "from": "2025-01-31", "tags": ["a", "b"], "detailed": false}"""), $"{grammar}");
        Assert.True(grammar.Accepts("""{"city": "Rome", "days": 3, "level": "Low", "from": null}"""), $"{grammar}");
        Assert.False(grammar.Accepts("""{"city": "Rome", "days": "3", "level": "High"}"""));
        Assert.False(grammar.Accepts("""{"city": "Rome", "days": 3}"""));
        Assert.False(grammar.Accepts("""{"city": "Rome", "days": 3, "level": "High", "other": 1}"""));
        foreach (AITool tool in NanoTools.All)
        {
            Assert.NotEmpty(JsonSchemaGrammar.Create(((AIFunction)tool).JsonSchema).ToString());
        }
    }

    [JsonConverter(typeof(JsonStringEnumConverter<Level>))]
    public enum Level
    {
        Low,
        High,
    }

    public sealed record Moment(DateTime Utc, DateTimeOffset At, DateOnly Day, TimeOnly Time, TimeSpan Length);

    public sealed record Simple(Guid Id, Uri Link, decimal Price, byte[] Data, char Letter, float Ratio, short Small, ulong Large, bool Flag);

    public sealed record Order(Level Level, long? Optional, List<Level> Levels, Dictionary<string, long> Counts, string Text);

    public sealed record Person(string Name, Person? Boss, List<Person> Team);

    [JsonPolymorphic]
    [JsonDerivedType(typeof(Circle), "circle")]
    [JsonDerivedType(typeof(Square), "square")]
    public record Shape(string Name);

    public sealed record Circle(string Name, double Radius) : Shape(Name);

    public sealed record Square(string Name, double Side) : Shape(Name);
}
