using Qwen3.Chat.Constraints;

namespace Qwen3.Chat.Tests.Constraints;

public sealed class RefusalTests
{
    [Theory]
    [InlineData("false", "at #, it is false")]
    [InlineData("""{"not":{}}""", "at #, 'not' allows nothing")]
    [InlineData("""{"not":true}""", "at #, 'not' allows nothing")]
    [InlineData("""{"$ref":"#"}""", "at #, it refers to itself")]
    [InlineData("""{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}}""", "at #/$defs/a, it refers to itself")]
    [InlineData("""{"allOf":[{"type":"string"},{"type":"integer"}]}""", "at #, it wants types that exclude each other")]
    [InlineData("""{"properties":{"a":{"type":"integer","minimum":3,"maximum":2}},"required":["a"]}""", "#/properties/a, no integer lies between its bounds")]
    [InlineData("""{"type":"integer","exclusiveMinimum":1,"exclusiveMaximum":2}""", "at #, no integer lies between its bounds")]
    [InlineData("""{"type":"number","exclusiveMinimum":2,"maximum":2}""", "at #, no number lies between its bounds")]
    [InlineData("""{"type":"number","minimum":56.5,"maximum":0.5}""", "at #, no number lies between its bounds")]
    [InlineData("""{"items":{"minLength":3,"maxLength":2},"minItems":1}""", "at #/items, it wants at least 3 characters and at most 2")]
    [InlineData("""{"type":"array","minItems":3,"maxItems":2}""", "at #, it wants at least 3 items and at most 2")]
    [InlineData("""{"prefixItems":[{},false],"minItems":2}""", "at #/prefixItems/1, it is false")]
    [InlineData("""{"properties":{"a":{}},"required":["b"],"additionalProperties":false}""", "at #/additionalProperties, it is false")]
    [InlineData("""{"type":"string","enum":[1,2]}""", "at #, none of its values is allowed")]
    [InlineData("""{"enum":[]}""", "at #, none of its values is allowed")]
    [InlineData("""{"properties":{"a~/b":{"enum":["x"],"const":"y"}},"required":["a~/b"]}""", "at #/properties/a~0~1b, none of its values is allowed")]
    [InlineData("""{"anyOf":[false,{"enum":[]}]}""", "at #, none of its values is allowed")]
    [InlineData("""{"properties":{"self":{"$ref":"#"}},"required":["self"]}""", "at #, it requires itself, without end")]
    [InlineData("""{"properties":{"a":{"properties":{"b":{"$ref":"#"}},"required":["b"]}},"required":["a"]}""", "it requires itself, without end")]
    [InlineData("""{"pattern":"^[a-z]+$","minLength":3,"maxLength":1}""", "at #, it wants at least 3 characters and at most 1")]
    [InlineData("""{"pattern":"^[a-z]{2}$","minLength":3}""", "at #, it wants at least 3 characters and at most 2")]
    public void A_schema_that_nothing_satisfies_is_refused_with_place_and_reason(string schema, string reason)
    {
        ArgumentException failure = Assert.Throws<ArgumentException>(() => JsonSchemaGrammar.Create(GrammarAssert.Parse(schema)));
        Assert.Contains(reason, failure.Message);
    }

    [Theory]
    [InlineData("[]", "is Array at #")]
    [InlineData("3", "is Number at #")]
    [InlineData("\"object\"", "is String at #")]
    [InlineData("null", "is Null at #")]
    [InlineData("""{"enum":["\ud800"]}""", "not Unicode at #/enum/0")]
    [InlineData("""{"properties":{"\ud800":{}}}""", "not Unicode at #/properties")]
    [InlineData("""{"\udc00":1}""", "not Unicode at #:")]
    [InlineData("""{"type":"\ud800"}""", "not Unicode at #/type")]
    [InlineData("""{"$ref":"\ud800"}""", "not Unicode at #")]
    [InlineData("""{"required":["\ud800"]}""", "not Unicode at #/required/0")]
    [InlineData("""{"const":{"a":["\ud800"]}}""", "not Unicode at #/const/a/0")]
    [InlineData("""{"enum":[{"\ud800":1}]}""", "not Unicode at #/enum/0")]
    [InlineData("""{"enum":["a\ud800b","c"]}""", "not Unicode at #/enum/0")]
    [InlineData("""{"not":{"\ud800":1}}""", "not Unicode at #/not")]
    [InlineData("""{"pattern":"\ud800"}""", "not Unicode at #/pattern")]
    public void What_is_no_schema_is_refused(string schema, string reason)
    {
        ArgumentException failure = Assert.Throws<ArgumentException>(() => JsonSchemaGrammar.Create(GrammarAssert.Parse(schema)));
        Assert.Contains(reason, failure.Message);
    }

    [Theory]
    [InlineData(100, true)]
    [InlineData(300, false)]
    [InlineData(20_000, false)]
    public void A_schema_that_nests_too_deeply_is_refused(int depth, bool isFine)
    {
        string schema = string.Concat(Enumerable.Repeat("{\"items\":", depth)) + "{}" + new string('}', depth);
        var element = System.Text.Json.JsonDocument.Parse(schema, new() { MaxDepth = 30_000 }).RootElement;
        if (isFine)
        {
            Assert.NotEmpty(JsonSchemaGrammar.Create(element).ToString());
            return;
        }

        Assert.Contains("256 levels", Assert.Throws<ArgumentException>(() => JsonSchemaGrammar.Create(element)).Message);
    }

    [Fact]
    public void A_long_chain_of_references_does_no_harm()
    {
        string links = string.Join(",", Enumerable.Range(0, 2000).Select(index =>
            $"\"d{index}\":{{\"properties\":{{\"a\":{{\"$ref\":\"#/$defs/d{(index + 1) % 2000}\"}}}}}}"));
        string schema = "{\"$ref\":\"#/$defs/d0\",\"$defs\":{" + links + "}}";
        // Refused or compiled: the process lives on.
        Exception? failure = Record.Exception(() => JsonSchemaGrammar.Create(GrammarAssert.Parse(schema)));
        Assert.True(failure is null or ArgumentException, $"{failure}");
    }

    [Fact]
    public void Choices_upon_choices_do_not_explode()
    {
        string branches = string.Join(",", Enumerable.Range(0, 10).Select(index => $"{{\"properties\":{{\"p{index}\":{{\"type\":\"integer\"}}}}}}"));
        string schema = "{\"allOf\":[" + string.Join(",", Enumerable.Repeat($"{{\"anyOf\":[{branches}]}}", 20)) + "]}";
        Assert.InRange(JsonSchemaGrammar.Create(GrammarAssert.Parse(schema)).ToString().Length, 1, 200_000);
    }
}
