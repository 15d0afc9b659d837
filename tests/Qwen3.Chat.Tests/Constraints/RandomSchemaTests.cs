using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;
using Json.Schema;
using Microsoft.Extensions.Logging;
using Moq;
using Qwen3.Chat.Constraints;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Tests.Constraints;

public sealed class RandomSchemaTests(ModelFixture models) : IClassFixture<ModelFixture>
{
    private const int Schemas = 3000, SentencesOfASchema = 4, MutantsOfASentence = 2;

    private int _compiled, _refused, _judged, _sentences, _mutants;

    [Fact]
    public void What_the_grammars_of_random_schemas_allow_satisfies_the_schemas()
    {
        // A failure shows the seed and the schema, made as small as could be.
        RandomSchemas.Documents.Sample(Check, iter: Schemas, threads: 2, print: schema => schema);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{_compiled} schemas compiled, {_refused} refused, {_judged} judged by the validator; {_sentences} sentences; {_mutants} mutants accepted");
        Assert.True(_compiled > 2000 && _judged > 1500 && _mutants > 500, $"{_compiled} {_judged} {_mutants}");
    }

    private void Check(string schema)
    {
        bool isEnforced = true;
        var logger = new Mock<ILogger>();
        logger.Setup(log => log.IsEnabled(LogLevel.Warning)).Returns(true).Callback(() => isEnforced = false);
        JsonElement element = GrammarAssert.Parse(schema);
        string text;
        try
        {
            text = JsonSchemaGrammar.Create(element, logger.Object).ToString();
        }
        catch (ArgumentException refusal) when (refusal.Message.StartsWith("No JSON satisfies", StringComparison.Ordinal))
        {
            Interlocked.Increment(ref _refused);
            AssertNothingSatisfies(element, refusal);
            return;
        }

        bool isJudged = isEnforced && !RandomSchemas.IsCircular(element);
        Interlocked.Increment(ref _compiled);
        Interlocked.Add(ref _judged, isJudged ? 1 : 0);
        var grammar = new Grammar(text, models.Tokenizer);
        var sentences = new SentenceGenerator(text);
        JsonSchema? validator = isJudged ? Validator(element) : null;
        // The schema decides, so that a failure can be had again.
        var random = new Random(schema.Aggregate(17, (hash, character) => unchecked((hash * 31) + character)));
        for (int i = 0; i < SentencesOfASchema; i++)
        {
            string sentence = sentences.Next(random);
            Assert.True(grammar.Accepts(sentence), $"{schema}\ndoes not take\n{sentence}\n{text}");
            AssertSatisfies(sentence, validator, text);
            Interlocked.Increment(ref _sentences);
            for (int j = 0; j < MutantsOfASentence; j++)
            {
                string mutant = Mutate(sentence, random);
                if (mutant != sentence && grammar.Accepts(mutant))
                {
                    AssertSatisfies(mutant, validator, text);
                    Interlocked.Increment(ref _mutants);
                }
            }
        }
    }

    // A registry of its own, or the schemas of all the rounds would be kept.
    private static JsonSchema Validator(JsonElement schema) => JsonSchema.Build(schema, new BuildOptions { SchemaRegistry = new SchemaRegistry() });

    private static void AssertNothingSatisfies(JsonElement schema, ArgumentException refusal)
    {
        // A schema of objects that does not say so allows everything else, too, and the grammar does not.
        if (!RandomSchemas.IsCircular(schema) && !RandomSchemas.HasUntyped(schema))
        {
            JsonSchema validator = Validator(schema);
            Assert.All(
                RandomSchemas.Values,
                value => Assert.False(validator.Evaluate(GrammarAssert.Parse(value)).IsValid, $"{value} satisfies it: {refusal.Message}"));
        }
    }

    private static void AssertSatisfies(string sentence, JsonSchema? validator, string grammar)
    {
        JsonElement value = JsonSerializer.Deserialize<JsonElement>(sentence);
        Assert.True(validator is null || IsBeyondValidator(value) || validator.Evaluate(value).IsValid, $"The validator refuses\n{sentence}\n{grammar}");
    }

    /// <summary>
    /// Whether a value has what the validator sees otherwise: of members with the same name, which no grammar of a fair size keeps out, it sees
    /// one, and it counts what a reader takes for characters where JSON schema counts code points.
    /// </summary>
    private static bool IsBeyondValidator(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().GroupBy(member => member.Name).Any(group => group.Count() > 1) ||
            value.EnumerateObject().Any(member => IsBeyondValidator(member.Value)),
        JsonValueKind.Array => value.EnumerateArray().Any(IsBeyondValidator),
        JsonValueKind.String => value.GetString() is var text && text!.EnumerateRunes().Count() != new StringInfo(text).LengthInTextElements,
        _ => false,
    };

    private static string Mutate(string sentence, Random random)
    {
        Rune[] runes = [.. sentence.EnumerateRunes()];
        int position = random.Next(runes.Length), other = random.Next(runes.Length);
        var inserted = new Rune(random.GetItems("0123456789-.eE\"\\{}[],: \nabnulltrfsxé".ToCharArray(), 1)[0]);
        Rune[] mutant = random.Next(4) switch
        {
            0 => [.. runes[..position], .. runes[(position + 1)..]],
            1 => [.. runes[..position], inserted, .. runes[position..]],
            2 => [.. runes[..position], inserted, .. runes[(position + 1)..]],
            _ => [.. runes[..int.Max(position, other)], .. runes[int.Min(position, other)..]],
        };
        return string.Concat(mutant);
    }
}
