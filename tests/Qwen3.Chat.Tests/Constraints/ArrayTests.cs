namespace Qwen3.Chat.Tests.Constraints;

public sealed class ArrayTests(ModelFixture models) : IClassFixture<ModelFixture>
{
    [Fact]
    public void Items_are_what_their_schema_says()
    {
        const string schema = """{"type":"array","items":{"type":"integer"}}""";
        models.Accepts(schema, "[]", "[ ]", "[1]", "[1,2]", "[1, 2]", "[\n  1,\n  2\n]");
        models.Rejects(schema, "[1,]", "[,1]", "[1 2]", "[\"1\"]", "1", "[1", "[[1]]");
        models.Accepts("""{"type":"array"}""", "[]", "[1,\"a\",{},[null]]");
        models.Accepts("""{"items":{"type":"null"}}""", "[null]");
        models.Accepts("""{"type":"array","items":false}""", "[]");
        models.Rejects("""{"type":"array","items":false}""", "[1]");
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(0, 3)]
    [InlineData(2, 3)]
    [InlineData(3, null)]
    [InlineData(1, null)]
    [InlineData(250, 450)]
    [InlineData(250, null)]
    [InlineData(0, 1999)]
    [InlineData(0, 2500)]
    [InlineData(2345, 2345)]
    public void Counts_of_items_are_kept(int min, int? max)
    {
        var grammar = models.Compile($$"""{"items":{"const":1},"minItems":{{min}}{{(max is null ? "" : $",\"maxItems\":{max}")}}}""");
        foreach (int count in (int[])[0, 1, 2, 3, 4, 99, 100, 249, 250, 251, 350, 399, 449, 450, 451, 1998, 1999, 2000, 2344, 2345, 2346, 2500, 2501])
        {
            Assert.True(grammar.Accepts($"[{string.Join(",", Enumerable.Repeat(1, count))}]") == (count >= min && !(count > max)), $"{count}\n{grammar}");
        }
    }

    [Fact]
    public void A_tuple_has_the_items_that_it_describes()
    {
        const string schema = """{"type":"array","prefixItems":[{"type":"integer"},{"type":"string"}]}""";
        models.Accepts(schema, "[1,\"a\"]");
        models.Rejects(schema, "[]", "[1]", "[1,\"a\",2]", "[\"a\",1]");
        models.Accepts("""{"prefixItems":[{"type":"integer"},{"type":"string"}],"minItems":1}""", "[1]", "[1,\"a\"]");
        models.Rejects("""{"prefixItems":[{"type":"integer"},{"type":"string"}],"minItems":1}""", "[]", "[1,2]", "[1,\"a\",1]");
        models.Accepts("""{"prefixItems":[{"type":"integer"}],"items":{"type":"boolean"}}""", "[1]", "[1,true,false]");
        models.Rejects("""{"prefixItems":[{"type":"integer"}],"items":{"type":"boolean"}}""", "[]", "[1,1]", "[true]");
        models.Accepts("""{"prefixItems":[{"type":"integer"}],"minItems":3}""", "[1,true,{}]", "[1,1,1,1]");
        models.Rejects("""{"prefixItems":[{"type":"integer"}],"minItems":3}""", "[1,1]");
        const string limited = """{"prefixItems":[{"type":"integer"},{"type":"null"}],"items":{"type":"boolean"},"minItems":0,"maxItems":3}""";
        models.Accepts(limited, "[]", "[1]", "[1,null]", "[1,null,true]");
        models.Rejects(limited, "[1,null,true,true]", "[null]");
    }

    [Fact]
    public void A_long_tuple_does_no_harm()
    {
        string schema = $$"""{"prefixItems":[{{string.Join(",", Enumerable.Repeat("{\"type\":\"null\"}", 3000))}}],"minItems":0}""";
        models.Accepts(schema, "[]", "[null,null]");
        models.Rejects(schema, "[1]");
    }

    [Fact]
    public void Tuples_of_older_drafts_are_read()
    {
        models.Accepts("""{"items":[{"type":"integer"},{"type":"string"}]}""", "[1,\"a\"]");
        models.Rejects("""{"items":[{"type":"integer"},{"type":"string"}]}""", "[1,\"a\",1]");
        models.Accepts("""{"items":[{"type":"integer"}],"additionalItems":{"type":"null"}}""", "[1]", "[1,null,null]");
        models.Rejects("""{"items":[{"type":"integer"}],"additionalItems":{"type":"null"}}""", "[1,1]");
    }

    [Fact]
    public void Items_that_nothing_satisfies_end_the_array()
    {
        models.Accepts("""{"prefixItems":[{"type":"integer"},false,{"type":"integer"}],"minItems":0}""", "[]", "[1]");
        models.Rejects("""{"prefixItems":[{"type":"integer"},false,{"type":"integer"}],"minItems":0}""", "[1,1]", "[1,1,1]");
        models.Accepts("""{"prefixItems":[{"type":"integer"},false]}""", "[1]");
        models.Accepts("""{"prefixItems":[{"type":"integer"},{"type":"null"}],"maxItems":1}""", "[1]");
        models.Accepts("""{"type":"array","prefixItems":[{"type":"null"},{"$ref":"#"}]}""", "[null]", "[null,[null,[null]]]");
        models.Rejects("""{"type":"array","prefixItems":[{"type":"null"},{"$ref":"#"}]}""", "[]", "[null,null]");
        models.Accepts("""{"items":{"enum":[]}}""", "[]");
        models.Rejects("""{"items":{"enum":[]}}""", "[1]");
    }
}
