namespace Qwen3.Chat.Tests.Constraints;

public sealed class ObjectTests(ModelFixture models) : IClassFixture<ModelFixture>
{
    private const string Person =
        """{"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer"},"city":{"type":"string"}},"required":["age"]}""";

    [Fact]
    public void Properties_come_in_order_and_optional_ones_may_be_left_out()
    {
        models.Accepts(
            Person,
            """{"name":"Ann","age":3,"city":"Rome"}""", """{"age":3}""", """{"name":"Ann","age":3}""", """{"age":3,"city":""}""");
        models.Rejects(
            Person,
            "{}", """{"name":"Ann"}""", """{"age":3,"name":"Ann"}""", """{"age":"3"}""", """{"age":3,}""", """{,"age":3}""", """{"age":3,"other":1}""",
            """{"age":3,"age":3}""", """{"age":3}}""", """{"age":3""", """{'age':3}""", """{"age" :3}""");
    }

    [Fact]
    public void Space_is_where_writers_of_json_put_it()
    {
        models.Accepts(
            Person,
            """{"name": "Ann", "age": 3}""", """{ "age": 3 }""", "{\n  \"name\": \"Ann\",\n  \"age\": 3\n}", "{\n\t\"age\": 3\n}");
        models.Rejects(Person, """ {"age":3}""", """{"age":3} """, """{"age":  3}""", """{  "age":3}""", "{\n\n\"age\":3}", """{"age":3 ,"city":""}""");
    }

    [Fact]
    public void Without_required_properties_each_selection_is_allowed()
    {
        const string schema = """{"type":"object","properties":{"a":{"type":"boolean"},"b":{"type":"boolean"},"c":{"type":"boolean"}}}""";
        for (int selection = 0; selection < 8; selection++)
        {
            string[] members = [.. "abc".Where((_, index) => (selection & (1 << index)) != 0).Select(name => $"\"{name}\":true")];
            models.Accepts(schema, $"{{{string.Join(",", members)}}}", $"{{{string.Join(", ", members)}}}");
            models.Rejects(schema, $"{{{string.Join(",", members)},}}", $"{{,{string.Join(",", members)}}}");
        }

        models.Rejects(schema, """{"b":true,"a":true}""", """{"a":true,"a":true}""", """{"a":true "b":true}""");
    }

    [Fact]
    public void An_object_with_declared_properties_has_no_others_unless_they_are_asked_for()
    {
        models.Accepts("""{"type":"object","properties":{}}""", "{}", "{ }");
        models.Rejects("""{"type":"object","properties":{}}""", """{"a":1}""");
        models.Accepts("""{"type":"object","properties":{},"additionalProperties":true}""", "{}", """{"a":[1,{"b":null}]}""");
        models.Accepts("""{"type":"object"}""", "{}", """{"a":1, "b": {"c": [true, "x\n"]}}""");
        models.Rejects("""{"type":"object"}""", "[]", "1", """{"a"}""", """{a:1}""");
    }

    [Fact]
    public void Additional_properties_follow_the_declared_ones_and_have_other_names()
    {
        const string schema = """
            {"properties":{"name":{"type":"string"},"names":{"type":"string"},"id":{"type":"string"}},
             "required":["name"],"additionalProperties":{"type":"integer"}}
            """;
        models.Accepts(
            schema,
            """{"name":"x"}""", """{"name":"x","nam":1,"namf":2,"namess":3,"i":4,"idx":5,"z":6,"näme":7,"":8}""", """{"name":"x","names":"y","x":1}""");
        models.Rejects(
            schema,
            """{"x":1,"name":"x"}""", """{"name":"x","name":1}""", """{"name":"x","names":1}""", """{"name":"x","id":1}""", """{"name":"x","z":"1"}""",
            """{"name":"x","i\u0064":1}""", "{\"name\":\"x\",\"z\"}");
        const string optional = """{"properties":{"a":{"type":"string"},"b":{"type":"string"}},"additionalProperties":{"type":"integer"}}""";
        models.Accepts(optional, "{}", """{"z":1}""", """{"a":"","z":1,"y":2}""", """{"b":"","ab":1}""", """{"a":"","b":""}""");
        models.Rejects(optional, """{"z":1,"a":""}""", """{"a":1}""", """{"z":1,}""");
    }

    [Fact]
    public void Dictionaries_have_names_of_any_kind()
    {
        const string schema = """{"type":"object","additionalProperties":{"type":"integer"}}""";
        models.Accepts(schema, "{}", """{"a":1}""", """{"\"q\" \u00e9":1, "é": 2}""");
        models.Rejects(schema, """{"a":"1"}""", """{"a":1,}""");
        models.Rejects("""{"type":"object","additionalProperties":false}""", """{"a":1}""");
    }

    [Fact]
    public void Where_only_patterns_say_which_members_there_are_any_name_will_do()
    {
        const string one = """{"type":"object","patternProperties":{"^x-":{"type":"integer"}},"additionalProperties":false}""";
        models.Accepts(one, "{}", """{"x-a":1, "x-b": 2}""");
        models.Rejects(one, """{"x-a":"1"}""", "[]");
        const string required = """{"type":"object","patternProperties":{"^x-":{"type":"integer"}},"additionalProperties":false,"required":["x-a"]}""";
        models.Accepts(required, """{"x-a":1,"x-b":2}""");
        models.Rejects(required, """{"x-a":null}""", "{}");
        const string two = """{"patternProperties":{"^x":{"type":"integer"},"^y":{"type":"null"},"^z":false},"additionalProperties":false}""";
        models.Accepts(two, """{"x":1,"y":null}""");
        models.Rejects(two, """{"x":"1"}""");
        const string declared = """{"properties":{"a":{}},"patternProperties":{"^x":{"type":"integer"}},"additionalProperties":false}""";
        models.Rejects(declared, """{"x":1}""");
        models.Accepts("""{"properties":{"m":{"additionalProperties":false,"patternProperties":{"^x":{"$ref":"#"}}}}}""", """{"m":{"x":{"m":{}}}}""");
    }

    [Fact]
    public void A_required_property_that_is_not_declared_is_like_the_additional_ones()
    {
        models.Accepts("""{"properties":{"a":{"type":"integer"}},"required":["a","b"]}""", """{"a":1,"b":[1]}""");
        models.Rejects("""{"properties":{"a":{"type":"integer"}},"required":["a","b"]}""", """{"a":1}""");
        models.Accepts("""{"required":["b"],"additionalProperties":{"type":"boolean"}}""", """{"b":true,"c":false}""");
        models.Rejects("""{"required":["b"],"additionalProperties":{"type":"boolean"}}""", """{"b":1}""", "{}", """{"c":true}""");
    }

    [Fact]
    public void Names_are_written_with_the_escapes_that_they_need()
    {
        const string schema = """{"properties":{"a\"b\\c\n":{"type":"null"},"größe":{"type":"null"}},"required":["a\"b\\c\n","größe"]}""";
        models.Accepts(schema, """{"a\"b\\c\n":null,"größe":null}""");
        models.Rejects(schema, """{"größe":null,"a\"b\\c\n":null}""");
    }

    [Fact]
    public void What_is_null_in_a_schema_says_nothing()
    {
        models.Accepts("""{"properties":{"a":null,"b":{"type":"null"}},"additionalProperties":null,"required":null}""", """{"a":[1],"b":null}""", "{}");
        models.Rejects("""{"properties":{"a":null},"additionalProperties":null}""", """{"c":1}""");
        models.Accepts("""{"type":"object","properties":null,"additionalProperties":null}""", """{"a":1}""");
        models.Accepts("""{"type":"array","prefixItems":null,"items":null,"minItems":null}""", """[1,"x"]""", "[]");
        models.Accepts("""{"properties":{"a":"string","b":7}}""", """{"a":[1],"b":null}""");
    }

    [Fact]
    public void A_property_that_nothing_satisfies_is_left_out()
    {
        models.Accepts("""{"properties":{"a":false,"b":{"type":"null"}}}""", """{"b":null}""", "{}");
        models.Rejects("""{"properties":{"a":false,"b":{"type":"null"}}}""", """{"a":1}""");
        // A name that may not occur is none of the additional ones either.
        models.Rejects("""{"properties":{"a":false},"additionalProperties":true}""", """{"a":1}""");
    }

    [Fact]
    public void A_very_long_name_leaves_no_room_for_others()
    {
        string name = new('n', 5000);
        string schema = $$$"""{"properties":{"{{{name}}}":{"type":"null"}},"additionalProperties":true}""";
        models.Accepts(schema, "{}", $$"""{"{{name}}":null}""");
        models.Rejects(schema, $$"""{"{{name}}":1}""", """{"n":1}""");
    }

    [Fact]
    public void Recursion_ends_where_it_may()
    {
        const string schema = """{"type":"object","properties":{"value":{"type":"integer"},"next":{"$ref":"#"}},"required":["value"]}""";
        models.Accepts(schema, """{"value":1}""", """{"value":1,"next":{"value":2,"next":{"value":3}}}""");
        models.Rejects(schema, """{"value":1,"next":null}""", """{"value":1,"next":{}}""");
    }

    [Fact]
    public void A_hundred_optional_properties_are_a_hundred_rules()
    {
        string properties = string.Join(",", Enumerable.Range(0, 100).Select(index => $$"""
            "property{{index}}":{"type":"string"}
            """));
        string schema = $$$"""{"type":"object","properties":{{{{properties}}}}}""";
        models.Accepts(schema, "{}", """{"property0":"","property50":"x","property99":""}""");
        models.Rejects(schema, """{"property1":"","property0":"x"}""");
        Assert.InRange(models.Compile(schema).ToString().Length, 5_000, 15_000);
    }
}
