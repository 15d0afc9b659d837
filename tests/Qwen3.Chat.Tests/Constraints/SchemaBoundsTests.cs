using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Testing;
using Qwen3.Chat.Constraints;

namespace Qwen3.Chat.Tests.Constraints;

/// <summary>
/// Schemas that are made to cost more than they are long. Memory is measured, because time differs on a busy machine.
/// </summary>
public sealed class SchemaBoundsTests(ChatClientFixture clients) : IClassFixture<ChatClientFixture>
{
    private static readonly Dictionary<string, Func<int, string>> s_schemas = new()
    {
        ["a long name above a long enum"] = n => $$"""{"type":"object","properties":{"{{new string('A', n)}}":{"enum":[{{Repeat(n, "1")}}]} } }""",
        ["long names within each other"] = n => Nest(30, $"\"{new string('A', n)}\":", """{"type":"null"}"""),
        ["a long enum"] = n => $$"""{"enum":[{{Repeat(n, "\"word {0}\"")}}]}""",
        ["an enum of numbers beyond decimal"] = n => $$"""{"enum":[{{Repeat(n, "{0}e400")}}],"allOf":[{"enum":[{{Repeat(n, "{0}e400")}}]}]}""",
        ["an enum of numbers with many digits"] = n => $$"""{"const":1,"enum":[{{Repeat(n, "0.1234567890123456789012345678901{0}")}}]}""",
        ["an enum of objects"] = n => $$"""{"enum":[{{Repeat(n / 10, "{{\"a\":{0},\"b\":[{0}]}}")}}],"properties":{"a":{"type":"integer"} } }""",
        ["an enum beside many branches"] = n => $$"""{"enum":[{{Repeat(n, "{0}")}}],"anyOf":[{{Repeat(n / 10, "{{\"minimum\":{0}}}")}}]}""",
        ["many scalar properties"] = n => $$"""{"type":"object","properties":{ {{Repeat(n, "\"p{0}\":{{\"type\":\"string\"}}")}} } }""",
        ["many properties that are null"] = n => $$"""{"type":"object","properties":{ {{Repeat(n, "\"p{0}\":null")}} } }""",
        ["many required names"] = n => $$"""{"type":"object","required":[{{Repeat(5 * n, "\"p{0}\"")}}]}""",
        ["one name required often"] = n => $$"""{"type":"object","properties":{"a":true},"required":[{{Repeat(5 * n, "\"a\"")}}]}""",
        ["required names beside many branches"] = n =>
            $$"""{"required":[{{Repeat(n / 2, "\"p{0}\"")}}],"oneOf":[{{Repeat(n / 10, "{{\"properties\":{{\"p{0}\":{{\"const\":1}}}}}}")}}]}""",
        ["many keywords beside many branches"] = n => $$"""{ {{Repeat(n, "\"x{0}\":0")}},"anyOf":[{{Repeat(n / 10, "{{\"minimum\":{0}}}")}}]}""",
        ["a chain of references"] = n => Definitions(n, i => i + 1 < n ? $$"""{"$ref":"#/$defs/d{{i + 1}}"}""" : """{"type":"string"}"""),
        ["a chain of references through properties"] = n => Definitions(
            n, i => i + 1 < n ? $$"""{"type":"object","properties":{"n":{"$ref":"#/$defs/d{{i + 1}}"} },"required":["n"]}""" : "true"),
        ["a zigzag chain of references"] = n => Definitions(n, i => i == n / 2
            ? "true"
            : $$"""{"type":"object","properties":{"n":{"$ref":"#/$defs/d{{(i < n / 2 ? n - 1 - i : n - i)}}"} },"required":["n"]}"""),
        ["references that lead nowhere from deep inside"] = n =>
            Nest(100, "\"a\":", $$"""{"anyOf":[{{Repeat(n, "{{\"$ref\":\"#/properties/a/x{0}\"}}")}}]}"""),
        ["anchors of one name"] = n => $$"""{"$ref":"#a","$defs":{ {{Repeat(n, "\"d{0}\":{{\"$anchor\":\"a\",\"$ref\":\"#a\"}}")}} } }""",
        ["identifiers below a long one"] = n => $$"""{"$id":"http://x/{{new string('a', n)}}/","$defs":{ {{Repeat(n / 10, "\"d{0}\":{{\"$id\":\"d{0}\"}}")}} } }""",
        ["keywords that are not enforced"] = n => $$"""{"properties":{ {{Repeat(n / 10, "\"p{0}\":{{\"uniqueItems\":true,\"type\":\"array\"}}")}} } }""",
        ["choices of choices"] = n => $$"""{"allOf":[{{Repeat(n / 10, "{{\"anyOf\":[{{\"minimum\":{0}}},{{\"maximum\":{0}}}]}}")}}]}""",
        ["many branches of oneOf"] = n => $$"""{"oneOf":[{{Repeat(n / 10, "{{\"const\":{0}}}")}}]}""",
        ["objects that merge"] = n =>
            $$"""{"allOf":[{{Repeat(n / 10, "{{\"properties\":{{\"p{0}\":{{}}}}}}")}},{"properties":{ {{Repeat(n / 10, "\"q{0}\":{{}}")}} } }]}""",
        ["items one by one"] = n => $$"""{"type":"array","prefixItems":[{{Repeat(n, "true")}}]}""",
        ["a pattern of many sets"] = n => $$"""{"type":"string","pattern":"^({{string.Join('|', Enumerable.Range(0, n / 10).Select(i => $"[a{(char)(0x100 + i)}]"))}})$"}""",
        ["additional properties beside names that begin alike"] = n =>
            $$"""{"properties":{ {{Repeat(n / 10, $"\"{new string('a', 90)}{{0}}\":true")}} },"additionalProperties":true}""",
    };

    public static TheoryData<string> Names => [.. s_schemas.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Memory_grows_no_faster_than_the_schema_or_the_schema_is_refused(string name)
    {
        const int Small = 1000;
        // What is allocated once is allocated before.
        Measure(s_schemas[name](100));
        (long small, bool isSmallCompiled) = Measure(s_schemas[name](Small));
        string large = s_schemas[name](10 * Small);
        (long large10, bool isCompiled) = Measure(large);
        if (isCompiled)
        {
            Assert.True(isSmallCompiled, name);
            Assert.True(large10 < (15 * small) + 1_000_000, $"{name}: {small} and {large10} bytes");
        }

        // A refusal costs no more than a schema that is compiled.
        Assert.True(large10 < 400_000_000, $"{name}: {large10} bytes for a schema of {large.Length}");
        (long huge, _) = Measure(s_schemas[name](100 * Small));
        Assert.True(huge < 500_000_000, $"{name}: {huge} bytes");
    }

    [Fact]
    public async Task A_request_with_a_schema_that_is_too_large_is_refused_before_the_model_runs()
    {
        JsonElement schema = GrammarAssert.Parse(s_schemas["many scalar properties"](60_000));
        var refused = await Assert.ThrowsAsync<ArgumentException>(
            () => clients.Instruct.GetResponseAsync("Hello!", new() { ResponseFormat = ChatResponseFormat.ForJsonSchema(schema) }));
        Assert.Contains("60000 properties at #/properties", refused.Message);
    }

    [Fact]
    public void Compiling_ends_when_it_is_cancelled()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        foreach (string name in (string[])["a chain of references through properties", "a long enum", "objects that merge"])
        {
            Assert.ThrowsAny<OperationCanceledException>(
                () => JsonSchemaGrammar.Create(GrammarAssert.Parse(s_schemas[name](5_000)), cancellationToken: cancelled.Token));
        }
    }

    [Fact]
    public void Warnings_are_few_and_have_no_control_characters()
    {
        var logger = new FakeLogger();
        string properties = Repeat(4_000, "\"\\u001b[31m\\u202e{0}\":{{\"type\":\"array\",\"uniqueItems\":true}}");
        JsonSchemaGrammar.Create(GrammarAssert.Parse($$"""{"properties":{ {{properties}} } }"""), logger);
        IReadOnlyList<FakeLogRecord> records = logger.Collector.GetSnapshot();
        Assert.Equal(21, records.Count);
        Assert.All(records, record => Assert.DoesNotContain(record.Message, character => char.IsControl(character) || character == '\u202e'));
        Assert.Contains(@"#/properties/\u001B[31m\u202E0", records[0].Message);
        Assert.Contains("no more than 20", records[^1].Message);
    }

    [Fact]
    public void A_long_pointer_is_shortened_in_messages()
    {
        string schema = Nest(30, $"\"{new string('n', 5_000)}\":", """{"type":"integer","minimum":2,"maximum":1}""", isRequired: true);
        string message = Assert.Throws<ArgumentException>(() => JsonSchemaGrammar.Create(GrammarAssert.Parse(schema))).Message;
        Assert.InRange(message.Length, 100, 1_000);
    }

    private static (long Bytes, bool IsCompiled) Measure(string schema)
    {
        JsonElement element = GrammarAssert.Parse(schema);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Exception? failure = Record.Exception(() => JsonSchemaGrammar.Create(element));
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(failure is null or ArgumentException, $"{failure}");
        return (allocated, failure is null);
    }

    private static string Repeat(int count, string format) =>
        string.Join(',', Enumerable.Range(0, int.Max(count, 1)).Select(i => format.Contains("{0}") ? string.Format(null, format, i) : format));

    private static string Definitions(int count, Func<int, string> definition) =>
        $$"""{"$ref":"#/$defs/d0","$defs":{ {{string.Join(',', Enumerable.Range(0, count).Select(i => $"\"d{i}\":{definition(i)}"))}} } }""";

    private static string Nest(int levels, string name, string inner, bool isRequired = false)
    {
        string required = isRequired ? $",\"required\":[{name.TrimEnd(':')}]" : "";
        // The parser of JSON goes no deeper than 64 levels.
        levels = int.Clamp(levels, 1, 30);
        return string.Concat(Enumerable.Repeat($"{{\"type\":\"object\"{required},\"properties\":{{{name}", levels)) + inner +
            string.Concat(Enumerable.Repeat("}}", levels));
    }
}
