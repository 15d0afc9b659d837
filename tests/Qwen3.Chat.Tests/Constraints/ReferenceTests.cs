using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Qwen3.Chat.Constraints;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Tests.Constraints;

public sealed class ReferenceTests(ModelFixture models) : IClassFixture<ModelFixture>
{
    private const string Anna = """{"Name":"Anna","Boss":{"Name":"Bob","Boss":{"Name":"Cy","Boss":null}}}""";
    private const string Tree = """{"Name":"a","Children":[{"Name":"b","Children":[{"Name":"c","Children":[]}]}]}""";

    private static readonly JsonSerializerOptions s_options = new(AIJsonUtilities.DefaultOptions) { PropertyNamingPolicy = null };

    [Fact]
    public void References_lead_into_the_schema()
    {
        models.Accepts("""{"$defs":{"x":{"type":"integer"}},"$ref":"#/$defs/x"}""", "1");
        const string escaped = """{"definitions":{"a/b~c d":{"type":"integer"}},"properties":{"v":{"$ref":"#/definitions/a~1b~0c%20d"}}}""";
        models.Accepts(escaped, """{"v":1}""");
        models.Rejects(escaped, """{"v":"1"}""");
        models.Accepts("""{"prefixItems":[{"type":"null"},{"$ref":"#/prefixItems/0"}]}""", "[null,null]");
    }

    [Theory]
    [InlineData("""{"$defs":{"x":{"$anchor":"here","type":"null"}},"items":{"$ref":"#here"}}""")]
    [InlineData("""{"definitions":{"x":{"$id":"#here","type":"null"}},"items":{"$ref":"#here"}}""")]
    [InlineData("""{"$id":"https://example.org/a","items":{"$ref":"https://example.org/a#/$defs/x"},"$defs":{"x":{"type":"null"}}}""")]
    [InlineData("""{"$id":"https://example.org/a","items":{"$ref":"b#/$defs/x"},"$defs":{"y":{"$id":"b","$defs":{"x":{"type":"null"}}}}}""")]
    [InlineData("""{"items":{"$ref":"x.json"},"$defs":{"y":{"$id":"x.json","type":"null"}}}""")]
    [InlineData("""{"items":{"$id":"b","$ref":"#here","$defs":{"y":{"$anchor":"here","type":"null"}}},"$defs":{"y":{"$anchor":"here"}}}""")]
    [InlineData("""{"items":{"$schema":"s","$ref":"#/$defs/y","$defs":{"y":{"type":"null"}}},"$defs":{"y":{}}}""")]
    public void References_lead_to_anchors_and_identifiers(string schema)
    {
        models.Accepts(schema, "[null]");
        models.Rejects(schema, "[1]");
    }

    [Fact]
    public void What_stands_beside_a_reference_holds_too()
    {
        const string schema = """{"properties":{"a":{"type":"integer","minimum":0},"b":{"$ref":"#/properties/a","maximum":9}}}""";
        models.Accepts(schema, """{"a":10,"b":9}""");
        models.Rejects(schema, """{"b":10}""", """{"b":-1}""", """{"b":"x"}""");
        const string tags = """{"properties":{"tags":{"type":"array","items":{"type":"string"}},"more":{"$ref":"#/properties/tags","items":{}}}}""";
        models.Accepts(tags, """{"more":["x"]}""");
        models.Rejects(tags, """{"more":[1]}""");
        const string nothing = """{"$defs":{"x":{"type":["string","null"]}},"items":{"$ref":"#/$defs/x","const":null}}""";
        models.Accepts(nothing, "[null]");
        models.Rejects(nothing, """["x"]""");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_parameter_that_was_described_on_its_own_refers_to_itself(bool hasSchemaKeyword)
    {
        foreach ((Type type, string value, string wrong) in (IEnumerable<(Type, string, string)>)[
            (typeof(Person), Anna, """{"Name":"Anna","Boss":{"Name":"Bob","Boss":{"Name":1,"Boss":null}}}"""),
            (typeof(Node), Tree, """{"Name":"a","Children":[{"Name":"b","Children":[{"Name":"c","Children":[1]}]}]}"""),
            (typeof(List<Node>), $"[{Tree}]", """[{"Name":"a","Children":[{"Name":"b","Children":[{"p":"c"}]}]}]""")])
        {
            JsonNode own = JsonNode.Parse(AIJsonUtilities.CreateJsonSchema(type, serializerOptions: s_options).GetRawText())!;
            own.AsObject().Remove("$schema");
            if (hasSchemaKeyword)
            {
                own["$schema"] = "https://json-schema.org/draft/2020-12/schema";
            }

            Assert.Contains("\"$ref\":\"#", own.ToJsonString());
            // A parameter of the name that the other's pointers start with, too.
            string schema = $$"""
                {"type":"object","properties":{"Boss":{"type":"integer"},"Children":{"type":"integer"},"items":{"type":"integer"},
                 "p":{{own.ToJsonString()}} },"required":["p"]}
                """;
            Grammar grammar = CompileArguments(schema);
            Assert.True(grammar.Accepts($$"""{"Boss":1,"p":{{value}}}"""), $"{schema}\n{grammar}");
            Assert.False(grammar.Accepts($$"""{"p":{{wrong}}}"""), $"{schema}\n{grammar}");
        }
    }

    [Fact]
    public void A_parameter_that_was_described_with_the_others_refers_to_the_whole()
    {
        AIFunction function = AIFunctionFactory.Create(
            (Person p, Node Children, List<Node> nodes, Person Boss) => p.Name, "f", serializerOptions: s_options);
        Assert.Contains("#/properties/p/properties/Boss", function.JsonSchema.GetRawText());
        Grammar grammar = CompileArguments(function.JsonSchema.GetRawText());
        Assert.True(grammar.Accepts($$"""{"p":{{Anna}},"Children":{{Tree}},"nodes":[{{Tree}}],"Boss":{{Anna}}}"""), $"{function.JsonSchema}\n{grammar}");
        Assert.False(grammar.Accepts($$"""{"p":{{Anna}},"Children":{{Tree}},"nodes":[{{Anna}}],"Boss":{{Anna}}}"""));
        const string definitions = """
            {"properties":{"a":{"type":"array","items":{"$ref":"#/$defs/n"}},"b":{"$ref":"#/properties/a"}},"$defs":{"n":{"type":"null"}}}
            """;
        Assert.True(CompileArguments(definitions).Accepts("""{"a":[null],"b":[null]}"""));
        Assert.False(CompileArguments(definitions).Accepts("""{"b":[1]}"""));
    }

    [Fact]
    public void A_pointer_that_leads_nowhere_from_the_root_starts_at_a_schema_around_it()
    {
        JsonElement own = AIJsonUtilities.CreateJsonSchema(
            typeof(Person), serializerOptions: s_options);
        string text = own.GetRawText().Replace("\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",", "");
        string schema = $$"""{"type":"object","properties":{"p":{{text}} } }""";
        models.Accepts(schema, $$"""{"p":{{Anna}}}""");
        models.Rejects(schema, """{"p":{"Name":"Anna","Boss":{"Name":"Bob","Boss":{"Name":1}}}}""");
    }

    [Fact]
    public void A_list_that_is_wrapped_for_an_answer_refers_to_itself()
    {
        string own = AIJsonUtilities.CreateJsonSchema(typeof(List<Node>), serializerOptions: s_options).GetRawText()[1..];
        Assert.Contains("\"#/items\"", own);
        string schema = $$"""
            {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","properties":{"items":{"type":"null"},"data":{
               "$schema":"https://json-schema.org/draft/2020-12/schema",{{own}} },
             "additionalProperties":false,"required":["data"]}
            """;
        models.Accepts(schema, $$"""{"data":[{{Tree}}]}""", """{"data":[]}""");
        models.Rejects(schema, """{"data":[{"Name":"a","Children":[{"data":[]}]}]}""", """{"data":[{"Name":"a","Children":[1]}]}""");
    }

    private Grammar CompileArguments(string schema)
    {
        var builder = new GrammarBuilder();
        builder.Define("root", new SchemaCompiler(builder).Compile(GrammarAssert.Parse(schema), isolatesProperties: true));
        return new(builder.ToString(), models.Tokenizer);
    }

    public sealed record Person(string Name, Person? Boss);

    public sealed record Node(string Name, List<Node> Children);
}
