using Qwen3.Chat.Constraints;
using Qwen3.LlamaCpp;
using Expression = Qwen3.LlamaCpp.Sampling.Grammars.GrammarExpression;

namespace Qwen3.Chat.Tests.Constraints;

public sealed class SchemaCompilerTests(ModelFixture models) : IClassFixture<ModelFixture>
{
    [Fact]
    public void Several_schemas_share_a_grammar_with_rules_of_ones_own()
    {
        var builder = new GrammarBuilder();
        Expression any = builder.Define("any", "x");
        var compiler = new SchemaCompiler(builder);
        Expression first = compiler.Compile(GrammarAssert.Parse("""{"properties":{"a":{"type":"string"},"rest":{}}}"""));
        Expression second = new SchemaCompiler(builder).Compile(GrammarAssert.Parse("""{"properties":{"n":{"$ref":"#"},"rest":{}}}"""));
        Expression third = compiler.Compile(GrammarAssert.Parse("""{"properties":{"m":{"$ref":"#"},"rest":{}}}"""));
        builder.Define("root", any + ("1" + first | "2" + second | "3" + third));
        Grammar grammar = builder.ToGrammar(models.Tokenizer);
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
        Expression a = builder.Add("x", "a");
        Assert.Equal(a, builder.Add("x", "b"));
        Expression other = builder.Add("y", "a");
        Assert.NotEqual(a, other);
        Assert.Equal(other, builder.Add(other, "c"));
        builder.Define("root", a);
        Assert.Equal("root ::= a\na ::= \"x\"\na-2 ::= \"y\"\n", builder.ToString());
    }
}
