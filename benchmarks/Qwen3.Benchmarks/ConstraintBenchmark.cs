using System.Diagnostics;
using System.Text.Json;
using LLama.Native;
using Qwen3.Chat.Constraints;
using Qwen3.LlamaCpp;
using Qwen3.LlamaCpp.Sampling.Grammars;

namespace Qwen3.Benchmarks;

/// <summary>
/// Measures what a grammar costs: with random weights, where nearly every draw is refused, with a nano model that writes what the grammar wants,
/// and, for the filtering of the vocabulary alone, against llama.cpp's own engine. The best of several rounds counts.
/// </summary>
internal static class ConstraintBenchmark
{
    private const int Tokens = 48, Rounds = 3, Requests = 40, NanoRounds = 5;

    private const string Schema = """
        {
          "type": "array", "minItems": 100,
          "items": {
            "type": "object",
            "properties": {
              "name": {"type": "string", "maxLength": 40}, "age": {"type": "integer", "minimum": 0, "maximum": 150},
              "kind": {"enum": ["person", "company", "city"]}, "since": {"type": "string", "format": "date"}, "active": {"type": "boolean"}
            },
            "required": ["name", "age", "kind", "since", "active"]
          }
        }
        """;

    private const string Call = """
        root ::= <tool_call> "\n{\"name\": \"" ( "Weather_GetWeather" | "Mail_SendMessage" ) "\", \"arguments\": " object "}\n" </tool_call>
        object ::= "{" ( string ": " value ( ", " string ": " value )* )? "}"
        value ::= string | [0-9]+ | "true" | "false"
        string ::= "\"" ( [^"\\\x00-\x1F] | "\\" ["\\/bfnrt] )* "\""
        """;

    // As calls are held to their functions' schemas: all but the two values is the same each time.
    private const string Calls = """
        root ::= call ( "\n" call ){9}
        call ::= <tool_call> "\n{\"name\": \"" ( "Weather_GetWeather" | "Mail_SendMessage" ) "\", \"arguments\": {\"city\": " string ", \"days\": " [1-9] "}}\n" </tool_call>
        string ::= "\"" [^"\\\x00-\x1F]{1,12} "\""
        """;

    private const string Question = """
        <|im_start|>system
        # Tools

        You may call one or more functions to assist with the user query.

        You are provided with function signatures within <tools></tools> XML tags:
        <tools>
        {"type": "function", "function": {"name": "Weather_GetWeather", "description": "Gets the current weather in a city.", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}}
        </tools>

        For each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:
        <tool_call>
        {"name": <function-name>, "arguments": <args-json-object>}
        </tool_call><|im_end|>
        <|im_start|>user
        What is the weather in Paris?<|im_end|>
        <|im_start|>assistant

        """;

    public static async Task RunAsync(string path, string? jsonPath)
    {
        var results = new Dictionary<string, double>();
        using (LlamaModel model = LlamaModel.Load(path))
        {
            Console.WriteLine($"{model.Name}, {model.Quantization}, {model.SizeInBytes / 1e9:0.00} GB, {Environment.ProcessorCount} processors\n");
            await RandomAsync(model, results);
        }

        using (LlamaModel nano = LlamaModel.Load(NanoModels.Instruct))
        {
            await AgreeingAsync(nano, results);
            Filter(nano, "[", "before an object", "filterStructureRatio", results);
            Filter(nano, "[{\"name\": \"A", "inside a string", "filterStringRatio", results);
        }

        if (jsonPath is not null)
        {
            await File.WriteAllTextAsync(jsonPath, JsonSerializer.Serialize(results, new JsonSerializerOptions { WriteIndented = true }));
        }
    }

    private static async Task RandomAsync(LlamaModel model, Dictionary<string, double> results)
    {
        string gbnf = JsonSchemaGrammar.Create(JsonElement.Parse(Schema)).ToString();
        var sampling = new SamplingOptions { Temperature = 0.7f, TopP = 0.8f, TopK = 20, Seed = 1 };
        double free = 0, constrained = 0;
        await using var engine = new InferenceEngine(model, new() { ContextSize = 1024 });
        for (int round = 0; round < Rounds; round++)
        {
            free = Math.Max(free, await SpeedAsync(null));
            // A new one each time: nothing is known of its states yet.
            constrained = Math.Max(constrained, await SpeedAsync(new Grammar(gbnf, model.Tokenizer)));
        }

        Row("random weights, held to a schema", constrained, free, "tokens/s", "constrainedRandomRatio", results);

        // A bias, if only of nothing, has each token drawn.
        var drawn = sampling with { LogitBias = new Dictionary<int, float> { [0] = 0 } };
        double jumping = 0, drawing = 0;
        for (int round = 0; round < Rounds; round++)
        {
            drawing = Math.Max(drawing, await SpeedAsync(new Grammar(Calls, model.Tokenizer), drawn));
            jumping = Math.Max(jumping, await SpeedAsync(new Grammar(Calls, model.Tokenizer)));
        }

        Row("calls, of which the frame is not drawn", jumping, drawing, "tokens/s", "jumpForwardRatio", results);

        async Task<double> SpeedAsync(Grammar? grammar, SamplingOptions? other = null)
        {
            Generation generation = engine.Generate(new() { Prompt = [1000], Sampling = other ?? sampling, Grammar = grammar, MaxTokens = Tokens + 1 });
            await foreach (int token in generation)
            {
            }

            return Tokens / generation.Result.GenerationTime.TotalSeconds;
        }
    }

    private static async Task AgreeingAsync(LlamaModel model, Dictionary<string, double> results)
    {
        int[] prompt = model.Tokenizer.Encode(Question, SpecialTokens.All);
        int end = model.Tokenizer.GetSpecialTokenId("<|im_end|>");
        var grammar = new Grammar(Call, model.Tokenizer);
        await using var engine = new InferenceEngine(model);
        string expected = (await AnswerAsync(null)).Text;
        double free = 0, constrained = 0;
        for (int round = 0; round < NanoRounds; round++)
        {
            free = Math.Max(free, await SpeedAsync(null));
            constrained = Math.Max(constrained, await SpeedAsync(grammar));
        }

        Row("a nano model that agrees with the grammar", constrained, free, "tokens/s", "constrainedAgreeingRatio", results);

        async Task<double> SpeedAsync(Grammar? held)
        {
            var speed = (Tokens: 0, Seconds: 0.0);
            for (int i = 0; i < Requests; i++)
            {
                (string text, GenerationResult result) = await AnswerAsync(held);
                if (text != expected)
                {
                    throw new LlamaException($"The model does not agree with the grammar: it wrote {text} where it would have written {expected}.");
                }

                speed = (speed.Tokens + result.GeneratedTokens - 1, speed.Seconds + result.GenerationTime.TotalSeconds);
            }

            return speed.Tokens / speed.Seconds;
        }

        async Task<(string Text, GenerationResult Result)> AnswerAsync(Grammar? held)
        {
            Generation generation = engine.Generate(new() { Prompt = prompt, Sampling = new() { Temperature = 0 }, Grammar = held, MaxTokens = 100, StopTokens = [end] });
            var tokens = new List<int>();
            await foreach (int token in generation)
            {
                tokens.Add(token);
            }

            return (model.Tokenizer.Decode(tokens), generation.Result);
        }
    }

    private static void Filter(LlamaModel model, string text, string where, string name, Dictionary<string, double> results)
    {
        string gbnf = JsonSchemaGrammar.Create(JsonElement.Parse(Schema)).ToString();
        Tokenizer tokenizer = model.Tokenizer;
        int[] tokens = tokenizer.Encode(text);
        double own = double.MaxValue, native = double.MaxValue;
        var candidates = new LLamaTokenData[tokenizer.VocabularySize];
        for (int round = 0; round < NanoRounds; round++)
        {
            GrammarMatcher matcher = new Grammar(gbnf, tokenizer).CreateMatcher();
            Array.ForEach(tokens, token => matcher.TryAccept(token));
            own = Math.Min(own, Measure(() => matcher.GetTokenMask()));

            using var chain = SafeLLamaSamplerChainHandle.Create(new() { NoPerf = true });
            chain.AddGrammar(model.Handle, gbnf, "root");
            Array.ForEach(tokens, token => chain.Accept(token));
            for (int token = 0; token < candidates.Length; token++)
            {
                candidates[token] = new(token, 0, 0);
            }

            using (LLamaTokenDataArrayNative.Create(new LLamaTokenDataArray(candidates), out LLamaTokenDataArrayNative all))
            {
                native = Math.Min(native, Measure(() => chain.Apply(ref all)));
            }
        }

        Row($"filtering {candidates.Length:N0} tokens {where}, llama.cpp's", native, own, "ms", name, results);
    }

    private static double Measure(Action action)
    {
        long started = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    private static void Row(string what, double value, double against, string unit, string name, Dictionary<string, double> results)
    {
        results[name] = value / against;
        Console.WriteLine($"{what,-64}{value,10:0.00} {unit,-9} against {against,8:0.00}: {value / against:0.000}");
    }
}
