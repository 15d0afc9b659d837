using Qwen3.Chat.Constraints;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Tests.Constraints;

public sealed class SchemaCompilerTests(ModelFixture models) : IClassFixture<ModelFixture>
{
    [Fact]
    public void Several_schemas_share_a_grammar_with_rules_of_ones_own()
    {
        var builder = new GrammarBuilder();
        builder.Define("any", "\"x\"");
        var compiler = new SchemaCompiler(builder);
        string first = compiler.Compile(GrammarAssert.Parse("""{"properties":{"a":{"type":"string"},"rest":{}}}"""));
        string second = new SchemaCompiler(builder).Compile(GrammarAssert.Parse("""{"properties":{"n":{"$ref":"#"},"rest":{}}}"""));
        string third = compiler.Compile(GrammarAssert.Parse("""{"properties":{"m":{"$ref":"#"},"rest":{}}}"""));
        builder.Define("root", $"any (\"1\" {first} | \"2\" {second} | \"3\" {third})");
        var grammar = new Grammar(builder.ToString(), models.Tokenizer);
        foreach (string text in (string[])["""x1{"a":"b","rest":[1]}""", """x2{"n":{"n":{}}}""", """x3{"m":{"rest":null}}"""])
        {
            Assert.True(grammar.Accepts(text), $"{text}\n{grammar}");
        }

        Assert.All((string[])["""x1{"n":{}}""", """x2{"a":"b"}""", """x3{"m":{"n":{}}}""", "x"], text => Assert.False(grammar.Accepts(text), text));
    }

    [Fact]
    public void Equal_bodies_are_one_rule()
    {
        var builder = new GrammarBuilder();
        Assert.Equal("a", builder.Add("\"x\"", "a"));
        Assert.Equal("a", builder.Add("\"x\"", "b"));
        Assert.Equal("a-2", builder.Add("\"y\"", "a"));
        Assert.Equal("a-2", builder.Add("a-2", "c"));
        builder.Define("root", "a");
        Assert.Equal("root ::= a\na ::= \"x\"\na-2 ::= \"y\"\n", builder.ToString());
    }
}
