namespace Qwen3.Chat.Tests.Constraints;

public sealed class CombinationTests(ModelFixture models) : IClassFixture<ModelFixture>
{
    [Fact]
    public void Schemas_without_constraints_are_any_json()
    {
        foreach (string schema in (string[])["true", "{}", """{"description":"anything","unknown":1}"""])
        {
            models.Accepts(
                schema,
                "1", "-2.5e3", "\"x\"", "null", "true", "[]", "{}", """{"a": [1, {"b": [[]]}], "c": "\u00e9"}""", "[\n  1,\n  [\n    {}\n  ]\n]");
            models.Rejects(schema, "", "nul", "[1,]", "{1:2}", "{\"a\":}", "01", "'a'", "1 1", "[1}");
        }
    }

    [Theory]
    [InlineData("true")]
    [InlineData("""{"type":"array"}""")]
    [InlineData("""{"type":["object","array"]}""")]
    [InlineData("""{"type":"array","items":{}}""")]
    public void Free_json_nests_no_deeper_than_readers_read(string schema)
    {
        models.Accepts(schema, Nested(20), Nested(10));
        models.Rejects(schema, Nested(25), Nested(65));
        Assert.True(models.Compile(schema).ToString().Length < 5000);

        static string Nested(int depth) => string.Concat(Enumerable.Repeat("[{\"a\":", depth / 2)) + "1" + string.Concat(Enumerable.Repeat("}]", depth / 2));
    }

    [Theory]
    [InlineData("""{"type":"null"}""", "null")]
    [InlineData("""{"type":"boolean"}""", "true false")]
    [InlineData("""{"type":["integer","null"]}""", "null 1")]
    [InlineData("""{"type":["string","integer"]}""", "\"x\" 1")]
    [InlineData("""{"type":"integer","nullable":true}""", "null 1")]
    [InlineData("""{"type":"number"}""", "1 1.5")]
    [InlineData("""{"type":["number","integer"]}""", "1 1.5")]
    [InlineData("""{"minLength":1}""", "\"x\"")]
    [InlineData("""{"pattern":"x"}""", "\"x\"")]
    [InlineData("""{"minimum":1}""", "1 1.5")]
    [InlineData("""{"minimum":0,"minLength":1}""", "1 1.5 \"x\"")]
    [InlineData("""{"format":"int32"}""", "1")]
    [InlineData("""{"items":{}}""", "[]")]
    [InlineData("""{"prefixItems":[],"properties":{}}""", "[] {}")]
    [InlineData("""{"allOf":[{"type":["string","null"]},{"type":["null","integer"]}]}""", "null")]
    [InlineData("""{"type":"number","allOf":[{"type":"integer"}]}""", "1")]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":"integer"}]}""", "\"x\" 1")]
    [InlineData("""{"type":["string","null"],"anyOf":[{"type":"string"},{"type":"integer"}]}""", "\"x\"")]
    [InlineData("""{"oneOf":[{"type":"boolean"},{"type":"null"}]}""", "true false null")]
    [InlineData("""{"anyOf":[false,{"type":"null"},{"not":{}}]}""", "null")]
    [InlineData("""{"anyOf":[{"$ref":"#"},{"type":"null"}]}""", "null")]
    [InlineData("""{"type":"String"}""", "\"x\"")]
    [InlineData("""{"type":"float"}""", "1 1.5")]
    [InlineData("""{"type":["int","bool"]}""", "1 true false")]
    [InlineData("""{"type":["integer",null]}""", "1 null")]
    [InlineData("""{"type":"any"}""", "null true false 1 1.5 \"x\" [] {}")]
    [InlineData("""{"type":"thing"}""", "null true false 1 1.5 \"x\" [] {}")]
    [InlineData("""{"type":"thing","minLength":1}""", "\"x\"")]
    [InlineData("""{"type":null,"items":null,"properties":null,"minLength":null,"format":null}""", "null true false 1 1.5 \"x\" [] {}")]
    [InlineData("""{"$ref":"https://example.org/x"}""", "null true false 1 1.5 \"x\" [] {}")]
    [InlineData("""{"$ref":"#/components/schemas/X","type":"integer"}""", "1")]
    [InlineData("""{"nullable":true,"allOf":[{"type":"integer"}]}""", "null 1")]
    [InlineData("""{"nullable":true,"$ref":"#/$defs/x","$defs":{"x":{"type":"integer"}}}""", "null 1")]
    [InlineData("""{"nullable":true,"type":"string","enum":["x"]}""", "null \"x\"")]
    [InlineData("""{"nullable":false,"type":"string"}""", "\"x\"")]
    [InlineData("""{"anyOf":[{"type":"null"},{"properties":{"a":{"$ref":"#/anyOf/1"}},"required":["a"]}]}""", "null")]
    public void Types_are_those_that_the_keywords_leave(string schema, string expected)
    {
        string[] all = ["null", "true", "false", "1", "1.5", "\"x\"", "[]", "{}"];
        string[] accepted = expected.Split(' ');
        models.Accepts(schema, accepted);
        models.Rejects(schema, [.. all.Except(accepted)]);
    }

    [Fact]
    public void Enums_and_constants_are_written_as_they_are()
    {
        models.Accepts("""{"enum":["a","ä\"\n",1,2.5,null,true,[1,"x"],{"k":[]}]}""",
            "\"a\"", "\"ä\\\"\\n\"", "1", "2.5", "null", "true", "[1,\"x\"]", "[1, \"x\"]", """{"k":[]}""", """{ "k": [] }""");
        models.Rejects("""{"enum":["a",1,{"k":[]}]}""", "\"b\"", "a", "2", "{}", "\"A\"", "null");
        models.Accepts("""{"type":"string","enum":["a",1]}""", "\"a\"");
        models.Rejects("""{"type":"string","enum":["a",1]}""", "1");
        models.Accepts("""{"const":"x"}""", "\"x\"");
        models.Accepts("""{"type":"integer","enum":[3.0,4]}""", "3", "4");
        models.Rejects("""{"type":"integer","enum":[3.0,4]}""", "3.0", "5");
        models.Rejects("""{"enum":["a","b"],"allOf":[{"enum":["b","c"]}]}""", "\"a\"", "\"c\"");
        models.Accepts("""{"enum":["a","b"],"allOf":[{"enum":["b","c"]}]}""", "\"b\"");
        const string filtered = """
            {"enum":[1,50,"a","abc",{"a":1},{"a":"x"},[1],[null]],
             "maximum":9,"maxLength":2,"properties":{"a":{"type":"string"}},"items":{"type":"null"}}
            """;
        models.Accepts(filtered, "1", "\"a\"", """{"a":"x"}""", "[null]");
        models.Rejects(filtered, "50", "\"abc\"", """{"a":1}""", "[1]");
    }

    [Fact]
    public void Values_that_do_not_match_a_pattern_are_left_out()
    {
        models.Accepts("""{"enum":["ab","b"],"pattern":"(?=a)"}""", "\"ab\"");
        models.Accepts("""{"enum":["ab","b"],"pattern":"^[a-z]*$","maxLength":1}""", "\"b\"");
        models.Rejects("""{"enum":["ab","b"],"pattern":"^[a-z]*$","maxLength":1}""", "\"ab\"");
        models.Rejects("""{"enum":["ab","b"],"pattern":"(?=a)"}""", "\"b\"");
    }

    [Fact]
    public void All_of_merges_objects()
    {
        const string schema = """
            {"allOf":[{"properties":{"a":{"type":"integer"},"b":{"minLength":1}},"required":["b"]},
                      {"properties":{"b":{"maxLength":2},"c":{"type":"null"}}}]}
            """;
        models.Accepts(schema, """{"a":1,"b":"xy","c":null}""", """{"b":"x"}""");
        models.Rejects(schema, "{}", """{"b":""}""", """{"b":"xyz"}""", """{"c":null,"b":"x"}""");
        models.Rejects("""{"allOf":[{"properties":{"a":{"type":"integer"}},"additionalProperties":false},{"properties":{"b":{}}}]}""", """{"b":1}""");
    }

    [Fact]
    public void Branches_keep_what_stands_beside_them_and_the_discriminator_comes_first()
    {
        const string schema = """
            {"type":"object","properties":{"name":{"type":"string"}},"required":["name","$type"],"anyOf":[
              {"properties":{"radius":{"type":"number"},"$type":{"const":"circle"}},"required":["radius"]},
              {"properties":{"side":{"type":"number"},"$type":{"const":"square"}},"required":["side"]}]}
            """;
        models.Accepts(schema, """{"$type":"circle","name":"x","radius":1}""", """{"$type": "square", "name": "x", "side": 2.5}""");
        models.Rejects(
            schema,
            """{"name":"x","radius":1}""", """{"$type":"circle","name":"x","side":1}""", """{"$type":"circle","radius":1}""",
            """{"name":"x","$type":"circle","radius":1}""", "\"circle\"", """{"$type":"circle","name":"x"}""");
    }

    [Fact]
    public void The_same_schema_has_the_same_grammar()
    {
        const string schema = """{"properties":{"a":{"$ref":"#"},"b":{"enum":[1,2]},"c":{"format":"date"},"d":{"enum":[1,2]}}}""";
        Assert.Equal(models.Compile(schema).ToString(), models.Compile(schema).ToString());
    }

    [Fact]
    public void The_grammar_of_a_tool_is_small()
    {
        const string schema = """
            {"type":"object","properties":{"city":{"type":"string","description":"The city"},"days":{"type":"integer","minimum":1,"maximum":14},
             "unit":{"type":"string","enum":["celsius","fahrenheit"]},"detailed":{"type":["boolean","null"],"default":null},
             "tags":{"type":"array","items":{"type":"string"}}},"required":["city","days"]}
            """;
        string text = models.Compile(schema).ToString();
        Assert.True(text.Length < 1000, $"{text.Length}:\n{text}");
    }
}
