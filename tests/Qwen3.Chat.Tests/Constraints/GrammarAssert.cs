using System.Text.Json;
using Microsoft.Extensions.Logging;
using Qwen3.Chat.Constraints;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Tests.Constraints;

/// <summary>Asserts which texts the grammar of a schema accepts.</summary>
internal static class GrammarAssert
{
    public static JsonElement Parse(string schema) => JsonSerializer.Deserialize<JsonElement>(schema);

    public static Grammar Compile(this ModelFixture models, string schema) => JsonSchemaGrammar.Create(Parse(schema)).ToGrammar(models.Tokenizer);

    /// <summary>The rules of a schema.</summary>
    public static GrammarBuilder Rules(JsonElement schema, bool isAnyOrder, ILogger? logger = null)
    {
        var builder = new GrammarBuilder();
        builder.Define("root", new SchemaCompiler(builder, logger, hasAnyOrder: isAnyOrder).Compile(schema));
        return builder;
    }

    /// <summary>The grammar of a schema that has properties in any order.</summary>
    public static Grammar CompileInAnyOrder(this ModelFixture models, string schema) => 
        Rules(Parse(schema), isAnyOrder: true).ToGrammar(models.Tokenizer);

    /// <summary>Fails unless the grammar takes all the texts.</summary>
    public static void Accepts(this ModelFixture models, string schema, params string[] texts) => Check(models, schema, expected: true, texts);

    /// <summary>Fails unless the grammar takes none of the texts.</summary>
    public static void Rejects(this ModelFixture models, string schema, params string[] texts) => Check(models, schema, expected: false, texts);

    private static void Check(ModelFixture models, string schema, bool expected, string[] texts)
    {
        Grammar grammar = models.Compile(schema);
        foreach (string text in texts)
        {
            Assert.True(grammar.Accepts(text) == expected, $"{schema} should {(expected ? "take" : "refuse")} {text}\n{grammar}");
        }
    }
}
