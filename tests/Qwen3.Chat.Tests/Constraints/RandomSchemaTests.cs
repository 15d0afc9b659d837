using System.Diagnostics;
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
    private const int Schemas = 1500, SentencesOfASchema = 4, MutantsOfASentence = 2, AnsweredSchemas = 300;

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

    [Fact]
    public async Task What_a_model_writes_by_random_schemas_satisfies_them()
    {
        int seed = Random.Shared.Next();
        var random = new PCG(1, (ulong)seed);
        Dictionary<int, float> endings = ((string[])["\"", "\",", "\"}", "]", "}", "}\n", ","])
            .ToDictionary(text => models.Tokenizer.Encode(text)[0], _ => 15f);
        await using var engine = new InferenceEngine(models.Instruct, new() { ContextSize = 2048, Threads = 1 });
        var watch = Stopwatch.StartNew();
        int schemas = 0, answers = 0;
        // On a busy machine as many as make a test of it.
        while (schemas < AnsweredSchemas && (schemas <= 20 || watch.Elapsed < TimeSpan.FromSeconds(15)))
        {
            string schema = RandomSchemas.Documents.Generate(random, null, out _);
            JsonElement element = GrammarAssert.Parse(schema);
            if (Compile(element, isAnyOrder: schemas % 2 == 0, out bool isEnforced, out _) is not { } rules)
            {
                continue;
            }

            schemas++;
            var answer = new List<int>();
            Generation generation = engine.Generate(new()
            {
                Prompt = models.Tokenizer.Encode("Hello!"),
                Grammar = rules.ToGrammar(models.Tokenizer),
                MaxTokens = 300,
                Sampling = new() { Temperature = 3, TopK = 40, Seed = (uint)schemas, LogitBias = endings },
            });
            await foreach (int token in generation)
            {
                answer.Add(token);
            }

            if (generation.Result.FinishReason == FinishReason.Stop)
            {
                string sentence = models.Tokenizer.Decode(answer);
                bool isJudged = isEnforced && !RandomSchemas.IsCircular(element);
                Exception? failure = Record.Exception(() => AssertSatisfies(sentence, isJudged ? Validator(element) : null, $"{rules}"));
                Assert.True(failure is null, $"seed {seed}: {schema}\n{sentence}\n{failure?.Message}");
                answers++;
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}: {schemas} schemas, {answers} answers, {watch.Elapsed}");
        Assert.True(answers > schemas / 2 && schemas > 20, $"seed {seed}: {schemas} schemas, {answers} answers");
    }

    private static GrammarBuilder? Compile(JsonElement schema, bool isAnyOrder, out bool isEnforced, out ArgumentException? refusal)
    {
        int warnings = 0;
        var logger = new Mock<ILogger>();
        logger.Setup(log => log.IsEnabled(LogLevel.Warning)).Returns(true).Callback(() => warnings++);
        refusal = null;
        GrammarBuilder? rules = null;
        try
        {
            rules = GrammarAssert.Rules(schema, isAnyOrder, logger.Object);
        }
        catch (ArgumentException exception) when (exception.Message.StartsWith("The schema is unsatisfiable", StringComparison.Ordinal))
        {
            refusal = exception;
        }

        isEnforced = warnings == 0;
        return rules;
    }

    private void Check(string schema)
    {
        Check(schema, isAnyOrder: false);
        Check(schema, isAnyOrder: true);
    }

    private void Check(string schema, bool isAnyOrder)
    {
        JsonElement element = GrammarAssert.Parse(schema);
        if (Compile(element, isAnyOrder, out bool isEnforced, out ArgumentException? refusal) is not { } rules)
        {
            Interlocked.Increment(ref _refused);
            AssertNothingSatisfies(element, refusal!);
            return;
        }

        bool isJudged = isEnforced && !RandomSchemas.IsCircular(element);
        Interlocked.Increment(ref _compiled);
        Interlocked.Add(ref _judged, isJudged ? 1 : 0);
        string text = rules.ToString();
        Grammar grammar = rules.ToGrammar(models.Tokenizer);
        Grammar? read = isAnyOrder ? null : new(text, models.Tokenizer);
        var sentences = new SentenceGenerator(text);
        Func<JsonElement, bool>? validator = isJudged ? Validator(element) : null;
        // The schema decides, so that a failure can be had again.
        var random = new Random(schema.Aggregate(17, (hash, character) => unchecked((hash * 31) + character)));
        for (int i = 0; i < SentencesOfASchema; i++)
        {
            string sentence = sentences.Next(random);
            Assert.True(grammar.Accepts(sentence) && read?.Accepts(sentence) != false, $"{schema}\ndoes not take\n{sentence}\n{text}");
            AssertSatisfies(sentence, validator, text);
            Interlocked.Increment(ref _sentences);
            for (int j = 0; j < MutantsOfASentence; j++)
            {
                string mutant = Mutate(sentence, random);
                bool isAccepted = grammar.Accepts(mutant);
                Assert.True(read is null || read.Accepts(mutant) == isAccepted, $"{mutant}\n{text}");
                if (mutant != sentence && isAccepted)
                {
                    AssertSatisfies(mutant, validator, text);
                    Interlocked.Increment(ref _mutants);
                }
            }
        }
    }

    private static Func<JsonElement, bool> Validator(JsonElement schema)
    {
        string text = JsonSerializer.Serialize(RandomSchemas.InPlainWords(JsonSerializer.SerializeToNode(schema)));
        // Of listed values, a grammar takes those of another format, too: a format is no more than a remark to the
        // draft.
        text = text.Contains("\"enum\"") || text.Contains("\"const\"") ? text.Replace("\"format\"", "\"$comment\"") : text;
        // A registry of its own, or the schemas of all the rounds would be kept.
        JsonSchema validator = JsonSchema.Build(GrammarAssert.Parse(text), new BuildOptions { SchemaRegistry = new SchemaRegistry() });
        var options = new EvaluationOptions { RequireFormatValidation = true };
        return value => validator.Evaluate(value, options).IsValid;
    }

    private static void AssertNothingSatisfies(JsonElement schema, ArgumentException refusal)
    {
        // A schema of objects that does not say so allows everything else, too, and the grammar does not.
        if (!RandomSchemas.IsCircular(schema) && !RandomSchemas.HasUntyped(schema))
        {
            Func<JsonElement, bool> validator = Validator(schema);
            Assert.All(
                RandomSchemas.Values,
                value => Assert.False(validator(GrammarAssert.Parse(value)), $"{value} satisfies it: {refusal.Message}"));
        }
    }

    private static void AssertSatisfies(string sentence, Func<JsonElement, bool>? validator, string grammar)
    {
        JsonElement value = JsonSerializer.Deserialize<JsonElement>(sentence);
        Assert.True(validator is null || IsBeyondValidator(value) || validator(value), $"The validator refuses\n{sentence}\n{grammar}");
    }

    /// <summary>
    /// Whether a value has what the validator sees otherwise: of members with the same name, which no grammar of a fair
    /// size keeps out, it sees one, and it counts what a reader takes for characters where JSON schema counts code
    /// points.
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
