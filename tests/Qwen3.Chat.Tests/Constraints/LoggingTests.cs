using Microsoft.Extensions.Logging;
using Moq;
using Qwen3.Chat.Constraints;

namespace Qwen3.Chat.Tests.Constraints;

public sealed class LoggingTests
{
    [Theory]
    [InlineData("""{"type":"array","uniqueItems":true}""", "'uniqueItems' at #")]
    [InlineData("""{"type":"array","contains":{}}""", "'contains' at #")]
    [InlineData("""{"properties":{"a":{"type":"object","minProperties":1}}}""", "'minProperties' at #/properties/a")]
    [InlineData("""{"type":"object","patternProperties":{"^x":{}}}""", "'patternProperties' at #")]
    [InlineData("""{"type":"object","propertyNames":{"minLength":1}}""", "'propertyNames' at #")]
    [InlineData("""{"type":"object","dependentRequired":{"a":["b"]}}""", "'dependentRequired' at #")]
    [InlineData("""{"if":{"type":"string"},"then":{"minLength":1}}""", "'if' at #")]
    [InlineData("""{"not":{"type":"string"}}""", "'not' at #")]
    [InlineData("""{"type":"integer","multipleOf":5}""", "'multipleOf' at #")]
    [InlineData("""{"type":"string","format":"ipv6"}""", "'format' at #")]
    [InlineData("""{"type":"string","contentEncoding":"quoted-printable"}""", "'contentEncoding' at #")]
    [InlineData("""{"type":"string","format":"date","minLength":3}""", "'minLength' at #")]
    [InlineData("""{"type":"string","format":"date","pattern":"^2"}""", "'pattern' at #")]
    [InlineData("""{"type":"string","pattern":"(?=x)y"}""", "'pattern' at #")]
    [InlineData("""{"type":"string","pattern":"(a)\\1"}""", "'pattern' at #")]
    [InlineData("""{"type":"string","pattern":"\\bword\\b"}""", "'pattern' at #")]
    [InlineData("""{"type":"string","pattern":"\\p{L}"}""", "'pattern' at #")]
    [InlineData("""{"type":"string","pattern":"a(^b)"}""", "'pattern' at #")]
    [InlineData("""{"type":"string","pattern":"(ab"}""", "'pattern' at #")]
    [InlineData("""{"type":"string","pattern":"(?<!a)b"}""", "'pattern' at #")]
    [InlineData("""{"type":"string","pattern":"^(ab)+$","maxLength":3}""", "'maxLength' at #")]
    [InlineData("""{"type":"string","allOf":[{"pattern":"^a"},{"pattern":"b$"}]}""", "'pattern' at #/allOf/1")]
    [InlineData("""{"type":"string","minLength":-1}""", "'minLength' at #")]
    [InlineData("""{"oneOf":[{"type":"integer"},{"type":"number"}]}""", "'oneOf' at #")]
    [InlineData("""{"oneOf":[{"required":["a"]},{"required":["b"]}]}""", "'oneOf' at #")]
    [InlineData("""{"$ref":"#/$defs/missing"}""", "'$ref' at #")]
    [InlineData("""{"properties":{"a":{"$ref":"#/components/schemas/A"}}}""", "'$ref' at #/properties/a")]
    [InlineData("""{"items":{"$ref":"https://example.org/schema.json","type":"string"}}""", "'$ref' at #/items")]
    [InlineData("""{"properties":{"a":{"type":"thing"}}}""", "'type' at #/properties/a")]
    [InlineData("""{"type":["string",{}]}""", "'type' at #")]
    [InlineData("""{"type":"array","minContains":2}""", "'minContains' at #")]
    [InlineData("""{"type":"array","maxContains":2}""", "'maxContains' at #")]
    public void A_keyword_that_is_not_enforced_is_logged_once(string schema, string expected)
    {
        Assert.Equal([$"The grammar does not enforce the schema's {expected}"], Warnings(schema));
    }

    [Theory]
    [InlineData("""{"title":"t","description":"d","default":null,"examples":[1],"$comment":"c","deprecated":true,"x-vendor":1,"type":"null"}""")]
    [InlineData("""{"type":"array","uniqueItems":false,"items":{"not":false}}""")]
    [InlineData("""{"type":"integer","minLength":3,"format":"int32"}""")]
    [InlineData("""{"type":["string","integer"],"format":"int32"}""")]
    [InlineData("""{"type":"string","pattern":"^-?(\\d+\\.)?\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,7})?$"}""")]
    [InlineData("""{"type":"any","not":null,"uniqueItems":null,"multipleOf":null,"maximum":null,"$ref":null,"nullable":null}""")]
    [InlineData("""{"type":"object","minProperties":0,"patternProperties":{},"propertyNames":true}""")]
    [InlineData("""{"oneOf":[{"type":"integer"},{"type":"string"},{"const":null}]}""")]
    [InlineData("""{"enum":["ab","b"],"pattern":"(?=a)"}""")]
    [InlineData("""{"required":["k"],"oneOf":[{"properties":{"k":{"const":1}}},{"properties":{"k":{"enum":[2,3]}}}]}""")]
    public void What_is_enforced_or_says_nothing_is_not_logged(string schema)
    {
        Assert.Empty(Warnings(schema));
    }

    [Fact]
    public void An_optional_property_that_nothing_satisfies_is_logged()
    {
        Assert.Equal(
            ["The grammar leaves out the property at #/properties/a, because its schema is unsatisfiable: no integer lies between its bounds"],
            Warnings("""{"properties":{"a":{"type":"integer","minimum":3,"maximum":2},"b":false,"c":{"type":"null"}}}"""));
    }

    [Fact]
    public void What_is_no_schema_is_logged()
    {
        Assert.Equal(
            ["/properties/a", "/properties/b", "/properties/c/items"],
            Warnings("""{"properties":{"a":"string","b":1,"c":{"items":"integer"}}}""").Select(warning => warning[(warning.IndexOf('#') + 1)..]).Order());
    }

    [Fact]
    public void A_place_that_is_read_twice_is_told_of_once()
    {
        Assert.Single(Warnings("""
            {"$defs":{"l":{"type":"array","uniqueItems":true}},
             "properties":{"a":{"$ref":"#/$defs/l"},"b":{"$ref":"#/$defs/l"},"c":{"$ref":"#/$defs/l","maxItems":1}}}
            """));
    }

    private static List<string> Warnings(string schema)
    {
        var logger = new Mock<ILogger>();
        logger.Setup(log => log.IsEnabled(LogLevel.Warning)).Returns(true);
        JsonSchemaGrammar.Create(GrammarAssert.Parse(schema), logger.Object);
        return [.. logger.Invocations.Where(call => call.Method.Name == nameof(ILogger.Log)).Select(call => $"{call.Arguments[2]}")];
    }
}
