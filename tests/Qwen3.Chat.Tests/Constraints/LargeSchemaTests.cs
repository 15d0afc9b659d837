using System.Diagnostics;
using System.Text.Json;
using Qwen3.Chat.Constraints;

namespace Qwen3.Chat.Tests.Constraints;

public sealed class LargeSchemaTests
{
    private const int Levels = 60;

    [Theory]
    [InlineData("""{"anyOf":[{"$ref":"NEXT"},{"$ref":"NEXT"}]}""", true)]
    [InlineData("""{"allOf":[{"$ref":"NEXT"},{"$ref":"NEXT"}]}""", true)]
    [InlineData("""{"oneOf":[{"allOf":[{"$ref":"NEXT"}]},{"allOf":[{"$ref":"NEXT"}]}]}""", false)]
    [InlineData("""{"anyOf":[{"$ref":"NEXT","minLength":1},{"$ref":"NEXT","minLength":2}]}""", false)]
    [InlineData("""{"allOf":[{"$ref":"NEXT","minLength":1},{"$ref":"NEXT","minLength":2}]}""", true)]
    [InlineData("""{"anyOf":[{"$ref":"NEXT","minLength":1},{"$ref":"#/$defs/d0","minLength":2}]}""", null)]
    [InlineData("""{"anyOf":[{"$ref":"#/$defs/d9","minLength":1},{"$ref":"NEXT"},{"$ref":"#/$defs/d7","maxLength":9}]}""", null)]
    public void Choices_that_double_from_one_to_the_next_end_soon(string choice, bool? isCompiled)
    {
        string definitions = string.Join(",", Enumerable.Range(0, Levels).Select(level => $"\"d{level}\":{choice.Replace("NEXT", $"#/$defs/d{level + 1}")}"));
        string schema = $$$"""{"$ref":"#/$defs/d0","$defs":{ {{{definitions}}},"d{{{Levels}}}":{"type":"string"} } }""";
        long before = GC.GetAllocatedBytesForCurrentThread();
        Exception? failure = Record.Exception(() => JsonSchemaGrammar.Create(GrammarAssert.Parse(schema)));
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(failure is null ? isCompiled != false : failure is ArgumentException && isCompiled != true, $"{failure}");
        // Memory, unlike time, is the same on a busy machine.
        Assert.True(allocated < 400_000_000, $"{allocated} bytes");
    }

    [Fact]
    public void Thousands_of_values_and_branches_take_no_time_to_speak_of()
    {
        string values = string.Join(",", Enumerable.Range(0, 20_000).Select(index => $"\"value {index}\""));
        string objects = string.Join(",", Enumerable.Range(0, 5_000).Select(index => $$"""{"a":{{index}},"b":[{{index}}]}"""));
        string branches = string.Join(
            ",", Enumerable.Range(0, 800).Select(index => $$"""{"type":"object","properties":{"kind":{"const":"k{{index}}"} },"required":["kind"]}"""));
        var watch = Stopwatch.StartNew();
        foreach (string schema in (string[])[
            $$"""{"enum":[{{values}}],"allOf":[{"enum":[{{values}}]}]}""",
            $$"""{"enum":[{{objects}}],"properties":{"a":{"type":"integer"} } }""",
            $$"""{"oneOf":[{{branches}}] }"""])
        {
            Assert.NotEmpty(JsonSchemaGrammar.Create(GrammarAssert.Parse(schema)).ToString());
        }

        // Pair by pair it would be minutes.
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"{watch.Elapsed}");
    }

    [Theory]
    [InlineData("^(?:", "|", "a{0}", ")$", 60_000, true)]
    [InlineData("", "|", "(?:word )?{0}", "", 30_000, false)]
    [InlineData("^", "", "a?", "$", 20_000, false)]
    [InlineData("^[", "", "\\u{1:x4}", "]{1,9}$", 25_000, true)]
    [InlineData("", "|", "a{0}", "", 300_000, false)]
    public void Large_patterns_are_compiled_soon_or_refused(string start, string separator, string part, string end, int count, bool isCompiled)
    {
        string pattern = start + string.Join(separator, Enumerable.Range(0, count).Select(i => string.Format(null, part, i, 0x100 + (i * 2)))) + end;
        JsonElement schema = GrammarAssert.Parse($$"""{"type":"object","properties":{"a":{"pattern":{{JsonSerializer.Serialize(pattern)}}} } }""");
        var watch = Stopwatch.StartNew();
        Exception? failure = Record.Exception(() => JsonSchemaGrammar.Create(schema));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"{watch.Elapsed}");
        Assert.True(isCompiled ? failure is null : failure is ArgumentException && failure.Message.Contains("#/properties/a"), $"{failure}");
    }

    [Fact]
    public void Patterns_that_are_in_many_combinations_are_read_once()
    {
        string branches = string.Join(
            ",", Enumerable.Range(0, 16).Select(i => $$"""{"pattern":"{{string.Join('|', Enumerable.Range(0, 500).Select(j => $"NAME{i}x{j}"))}}"}"""));
        JsonElement schema = GrammarAssert.Parse(
            $$"""{"type":"string","allOf":[{"anyOf":[{{branches.Replace("NAME", "a")}}]},{"anyOf":[{{branches.Replace("NAME", "b")}}]}]}""");
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.NotEmpty(JsonSchemaGrammar.Create(schema).ToString());
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < 1_000_000_000, $"{allocated} bytes");
    }

    [Fact]
    public void Repetitions_of_what_may_be_empty_within_one_another_do_not_double()
    {
        string pattern = "^" + string.Concat(Enumerable.Repeat("(a?", Levels - 15)) + string.Concat(Enumerable.Repeat("b?)*", Levels - 15)) + "$";
        Assert.True(JsonSchemaGrammar.Create(GrammarAssert.Parse($$"""{"type":"string","pattern":"{{pattern}}"}""")).ToString().Length < 100_000);
    }

    [Fact]
    public void Values_that_a_pattern_takes_long_to_decide_about_are_left()
    {
        string values = string.Join(",", Enumerable.Range(0, 200).Select(i => $"\"{new string('a', 40)}{i}\""));
        var watch = Stopwatch.StartNew();
        string grammar = JsonSchemaGrammar.Create(GrammarAssert.Parse($$"""{"type":"string","pattern":"^(a+)+$","enum":[{{values}}]}""")).ToString();
        Assert.Contains($"{new string('a', 40)}199", grammar);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"{watch.Elapsed}");
    }

    [Fact]
    public void Properties_that_require_one_another_backwards_take_no_time_to_speak_of()
    {
        string properties = string.Join(",", Enumerable.Range(0, 3000).Reverse().Select(index =>
            $"\"p{index}\":{{\"required\":[\"n\"],\"properties\":{{\"n\":{(index == 2999 ? "true" : $"{{\"$ref\":\"#/properties/p{index + 1}\"}}")}}}}}"));
        var watch = Stopwatch.StartNew();
        JsonElement schema = GrammarAssert.Parse("{\"properties\":{" + properties + "},\"required\":[\"p2\"]}");
        Exception? failure = Record.Exception(() => JsonSchemaGrammar.Create(schema));
        Assert.True(failure is null or ArgumentException, $"{failure}");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"{watch.Elapsed}");
    }
}
