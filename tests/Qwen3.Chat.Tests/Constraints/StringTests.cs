namespace Qwen3.Chat.Tests.Constraints;

public sealed class StringTests(ModelFixture models) : IClassFixture<ModelFixture>
{
    [Fact]
    public void Strings_are_json_strings()
    {
        const string schema = """{"type":"string"}""";
        models.Accepts(schema, "\"\"", "\"a\"", "\"ä 漢 😀\"", """ "\"\\\/\b\f\n\r\t" """.Trim(), """ "\u00e9\uFFFF\ud83d\ude00" """.Trim());
        models.Rejects(
            schema,
            "a", "\"", "\"a", "\"a\"b\"", "\"\n\"", "\"\t\"", """ "\x" """.Trim(), """ "\u12" """.Trim(), """ "\ud83d" """.Trim(), """ "\ude00" """.Trim(),
            """ "\ud83dx" """.Trim(), """ "\ud83d\u0041" """.Trim());
    }

    [Fact]
    public void Lengths_count_code_points()
    {
        const string schema = """{"type":"string","minLength":1.0,"maxLength":3}""";
        models.Accepts(schema, "\"a\"", "\"abc\"", "\"😀😀😀\"", "\"\\ud83d\\ude00é\\n\"");
        models.Rejects(schema, "\"\"", "\"abcd\"", "\"\\ud83d\\ude00\\ud83d\\ude00\\u0041\\u0041\"");
        models.Accepts("""{"minLength":2}""", "\"ab\"", "\"abcdef\"");
        models.Rejects("""{"minLength":2}""", "\"a\"");
        models.Rejects("""{"type":"string","maxLength":0}""", "\"a\"");
        models.Accepts("""{"type":"string","maxLength":0}""", "\"\"");
    }

    [Fact]
    public void A_single_character_is_one_that_binds_to_a_char()
    {
        foreach (string schema in (string[])["""{"type":"string","minLength":1,"maxLength":1}""", """{"type":"string","maxLength":1}"""])
        {
            models.Accepts(schema, "\"a\"", "\"漢\"", "\"\uFFFF\"", """ "\u00e9" """.Trim(), """ "\uD7FF" """.Trim(), """ "\n" """.Trim());
            models.Rejects(schema, "\"😀\"", """ "\ud83d\ude00" """.Trim(), """ "\ud83d" """.Trim(), "\"ab\"", "\"\n\"");
        }
    }

    [Theory]
    [InlineData(0, 5000)]
    [InlineData(2000, 4096)]
    [InlineData(32000, null)]
    [InlineData(0, 1_000_000)]
    public void Large_lengths_are_exact(int min, int? max)
    {
        var grammar = models.Compile($$"""{"minLength":{{min}}{{(max is null ? "" : $",\"maxLength\":{max}")}}}""");
        Assert.True(grammar.ToString().Length < 1000, grammar.ToString());
        foreach (int length in new[] { 0, min - 1, min, min + 1, 1234, max - 1, max, max + 1 }.OfType<int>().Where(length => length is >= 0 and < 40_000))
        {
            Assert.True(grammar.Accepts($"\"{new string('x', length)}\"") == (length >= min && !(length > max)), $"{length}\n{grammar}");
        }
    }

    [Theory]
    [InlineData("^[a-z]+$", new[] { "a", "abc" }, new[] { "", "A", "a1" })]
    [InlineData("^(foo|bar)?[0-9]{2,3}$", new[] { "12", "foo123", "bar99" }, new[] { "1", "foo1234", "baz12" })]
    [InlineData("b+", new[] { "b", "abc", "\\nb", "bbb" }, new[] { "", "ac" })]
    [InlineData("^a", new[] { "a", "ab\\\"c" }, new[] { "", "ba" })]
    [InlineData("a$", new[] { "a", "ba" }, new[] { "ab" })]
    [InlineData("^a|b$", new[] { "ax", "xb" }, new[] { "xa", "bx" })]
    [InlineData("(^a|b)c", new[] { "acx", "xbc" }, new[] { "xac", "b" })]
    [InlineData("^(?:x(?<name>y)*?z){2}$", new[] { "xzxz", "xyyzxyz" }, new[] { "xz" })]
    [InlineData("^\\d\\D\\w\\W\\s\\S$", new[] { "1a_! x", "0-Z.\\t1" }, new[] { "aa_! x", "11_! x", "1a!! x" })]
    [InlineData("^[^\\d\\s-]+$", new[] { "abc", "é" }, new[] { "a1", "a b", "a-b" })]
    [InlineData("^.$", new[] { "a", "\\\"", "\\\\", "漢" }, new[] { "\\n", "ab", "😀", "\\u2028" })]
    [InlineData("^\\x41\\u00e9\\/\\-\\.\\\\\"$", new[] { "Aé/-.\\\\\\\"" }, new[] { "Aé/-x\\\\\\\"" })]
    [InlineData("^[\"\\\\\\]a\\-z]*$", new[] { "", "\\\"\\\\]a-z" }, new[] { "b" })]
    [InlineData("^[\\x00-\\x07\\x0E-\\x1F]$", new[] { "\\u0000", "\\u001f" }, new[] { "", "\\n", "a", "\\u0020" })]
    [InlineData("^[\\w-.]$", new[] { "a", "-", "." }, new[] { "+" })]
    [InlineData("^\\x01$", new[] { "\\u0001" }, new[] { "\\u0002", "1" })]
    [InlineData("^((a*)*b?)*$", new[] { "", "aab", "bba" }, new[] { "c" })]
    [InlineData("^(a|)+$", new[] { "", "aa" }, new[] { "b" })]
    [InlineData("^(ab){3,}c{0}d{2}$", new[] { "abababdd", "ababababdd" }, new[] { "ababdd", "abababcdd" })]
    [InlineData("^😀?$|^x😀$", new[] { "x😀" }, new[] { "x" })]
    [InlineData("", new[] { "", "a" }, new string[0])]
    [InlineData("^$", new[] { "" }, new[] { "a" })]
    [InlineData("^a{1200}$", new string[0], new[] { "a" })]
    [InlineData("^[\\w.+-]+@[\\w-]+\\.[\\w.-]+$", new[] { "a.b+c@d-e.org" }, new[] { "a@b", "@b.c" })]
    public void Patterns_hold_for_the_text_that_the_string_means(string pattern, string[] accepted, string[] rejected)
    {
        string schema = $$"""{"type":"string","pattern":{{System.Text.Json.JsonSerializer.Serialize(pattern)}}}""";
        if (pattern.StartsWith("^😀?"))
        {
            // A quantifier of what .NET takes for two characters: not enforced.
            models.Accepts(schema, "\"x\"");
            return;
        }

        models.Accepts(schema, [.. accepted.Select(text => $"\"{text}\"")]);
        models.Rejects(schema, [.. rejected.Select(text => $"\"{text}\"")]);
    }

    [Fact]
    public void Lengths_and_patterns_hold_together_where_that_is_simple()
    {
        models.Accepts("""{"type":"string","pattern":"^[a-z]+$","minLength":2,"maxLength":3}""", "\"ab\"", "\"abc\"");
        models.Rejects("""{"type":"string","pattern":"^[a-z]+$","minLength":2,"maxLength":3}""", "\"a\"", "\"abcd\"", "\"AB\"");
        models.Accepts("""{"type":"string","pattern":"^[A-Z]{2}[0-9]{3}$","minLength":1,"maxLength":10}""", "\"AB123\"");
        models.Rejects("""{"type":"string","pattern":"^[A-Z]{2}[0-9]{3}$","minLength":1,"maxLength":10}""", "\"AB12\"");
    }
}
