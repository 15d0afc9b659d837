using System.Text.Json;
using Microsoft.Extensions.AI;
using Qwen3.Chat.Constraints;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Tests.Constraints;

public sealed class PropertyOrderTests(ModelFixture models) : IClassFixture<ModelFixture>
{
    private const string Person = """
        {"type":"object","properties":{"age":{"type":"integer"},"name":{"type":"string"},"city":{"type":"string"}},"required":["name"]}
        """;

    [Fact]
    public void Properties_come_in_any_order_and_each_once()
    {
        Grammar grammar = models.CompileInAnyOrder(Person);
        Assert.All(
            (string[])[
                """{"name":"Ann"}""", """{"name":"Ann","age":3}""", """{"age":3,"name":"Ann"}""", """{"city":"Rome","name":"Ann","age":3}""",
                """{"name":"Ann","city":"Rome","age":3}""", """{ "city": "Rome", "name": "Ann" }""", "{\n  \"age\": 3,\n  \"name\": \"Ann\"\n}",
            ],
            text => Assert.True(grammar.Accepts(text), text));
        Assert.All(
            (string[])[
                "{}", """{"age":3}""", """{"age":3,"city":"Rome"}""", """{"name":"Ann","name":"Bob"}""", """{"age":3,"name":"Ann","age":4}""",
                """{"name":"Ann",}""", """{,"name":"Ann"}""", """{"name":"Ann" "age":3}""", """{"name":"Ann","other":3}""", """{"name":3}""",
            ],
            text => Assert.False(grammar.Accepts(text), text));
    }

    [Fact]
    public void Objects_within_objects_keep_their_own_properties_apart()
    {
        Grammar grammar = models.CompileInAnyOrder(
            """
            {"type":"object","properties":{"a":{"$ref":"#"},"b":{"type":"array","items":{"$ref":"#"}},"c":{"type":"null"}}}
            """);
        Assert.True(grammar.Accepts("""{"c":null,"b":[{"b":[],"a":{"c":null,"a":{}}},{"a":{},"c":null},{"c":null,"a":{}}],"a":{"b":[{}]}}"""));
        Assert.False(grammar.Accepts("""{"c":null,"b":[{"b":[],"a":{"c":null,"a":{}}}],"a":{"b":[{}]},"b":[]}"""));
        Assert.False(grammar.Accepts("""{"a":{"c":null,"c":null}}"""));
    }

    [Fact]
    public void Additional_properties_come_between_the_declared_ones()
    {
        Grammar grammar = models.CompileInAnyOrder(
            """{"type":"object","properties":{"a":{"type":"null"},"b":{"type":"null"}},"required":["b"],"additionalProperties":{"type":"integer"}}""");
        Assert.All(
            (string[])["""{"x":1,"b":null}""", """{"b":null,"x":1,"a":null,"y":2,"x":3}""", """{"x":1,"y":2,"b":null}""", """{"b":null}"""],
            text => Assert.True(grammar.Accepts(text), text));
        Assert.All(
            (string[])["""{"x":1}""", """{"x":1,"b":1}""", """{"b":null,"x":null}""", """{"b":null,"b":1}""", """{"a":null,"x":1}"""],
            text => Assert.False(grammar.Accepts(text), text));
    }

    [Fact]
    public void A_discriminator_stays_the_first()
    {
        const string schema = """
            {"type":"object","properties":{"a":{"type":"null"},"$type":{"const":"t"},"b":{"type":"null"}},"required":["$type"]}
            """;
        Grammar grammar = models.CompileInAnyOrder(schema);
        Assert.All(
            (string[])["""{"$type":"t"}""", """{"$type":"t","a":null,"b":null}""", """{"$type":"t","b":null,"a":null}""", """{"$type":"t","b":null}"""],
            text => Assert.True(grammar.Accepts(text), text));
        Assert.All((string[])["""{"a":null,"$type":"t"}""", """{"b":null}""", "{}"], text => Assert.False(grammar.Accepts(text), text));
    }

    [Fact]
    public void Hundreds_of_properties_take_no_more_than_their_number_whatever_the_order()
    {
        long few = AllocatedInRandomOrder(100), many = AllocatedInRandomOrder(300);
        // Before each of them there are as many to choose from as are left: the square of their number.
        Assert.True(many < 18 * few, $"{few} and {many} bytes");
        Assert.True(many < 300_000_000, $"{many} bytes");
    }

    private long AllocatedInRandomOrder(int properties)
    {
        string schema = $$"""{"type":"object","properties":{ {{string.Join(',', Enumerable.Range(0, properties).Select(i => $"\"p{i}\":{{\"type\":\"integer\"}}"))}} } }""";
        Grammar grammar = models.CompileInAnyOrder(schema);
        int[] order = [.. Enumerable.Range(0, properties)];
        new Random(1).Shuffle(order);
        string text = $"{{{string.Join(',', order.Select(i => $"\"p{i}\":{i}"))}}}";
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.True(grammar.Accepts(text));
        Assert.False(grammar.Accepts(text[..^1] + ",\"p7\":7}"));
        Assert.True(grammar.EstimatedBytes < 50_000_000, $"{grammar.EstimatedBytes} bytes");
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void A_call_has_its_arguments_in_any_order_unless_its_function_is_strict(bool? isStrict, bool isAnyOrder)
    {
        AIFunctionDeclaration function = AIFunctionFactory.CreateDeclaration("Save", "Saves.", GrammarAssert.Parse(Person));
        var shape = AnswerShape.Of(
            ThinkingStart.Nowhere, new() { Tools = [new StrictFunction(function, isStrict)], ToolMode = ChatToolMode.RequireAny });
        Grammar grammar = new AnswerGrammar(models.Tokenizer, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance).Create(shape);
        Assert.Equal(isAnyOrder, IsWritten(grammar, """{"name": "Save", "arguments": {"name": "Ann", "age": 3}}"""));
        Assert.True(IsWritten(grammar, """{"name": "Save", "arguments": {"age": 3, "name": "Ann"}}"""));
        Assert.False(IsWritten(grammar, """{"name": "Save", "arguments": {"age": 3}}"""));
    }

    [Fact]
    public void Words_that_only_one_property_can_follow_are_forced()
    {
        Grammar grammar = models.CompileInAnyOrder("""{"type":"object","properties":{"alpha":{"type":"null"},"beta":{"type":"null"}},"required":["alpha","beta"]}""");
        LlamaCpp.Sampling.Grammars.GrammarMatcher matcher = grammar.CreateMatcher();
        Assert.True(matcher.TryAccept("""{"b"""u8));
        Span<byte> forced = stackalloc byte[100];
        Assert.Equal("eta\":", System.Text.Encoding.UTF8.GetString(forced[..matcher.FindForcedText(forced, out _)]));
        Assert.True(matcher.TryAccept("eta\":null,"u8));
        Assert.True(matcher.TryAccept("\""u8));
        Assert.Equal("alpha\":", System.Text.Encoding.UTF8.GetString(forced[..matcher.FindForcedText(forced, out _)]));
    }

    private bool IsWritten(Grammar grammar, string call)
    {
        LlamaCpp.Sampling.Grammars.GrammarMatcher matcher = grammar.CreateMatcher();
        int[] tokens = models.Tokenizer.Encode($"<tool_call>\n{call}\n</tool_call>", SpecialTokens.UserDefined);
        return tokens.All(matcher.TryAccept) && matcher.IsComplete;
    }

    private sealed class StrictFunction(AIFunctionDeclaration inner, bool? isStrict) : AIFunctionDeclaration
    {
        public override string Name => inner.Name;

        public override string Description => inner.Description;

        public override JsonElement JsonSchema => inner.JsonSchema;

        public override IReadOnlyDictionary<string, object?> AdditionalProperties =>
            isStrict is null ? base.AdditionalProperties : new Dictionary<string, object?> { ["strict"] = isStrict };
    }
}
