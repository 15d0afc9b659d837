using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Qwen3.Chat.Prompts;
using Qwen3.Chat.Responses;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Constraints;

/// <summary>
/// What an answer can be, as one grammar: the reasoning, which is free, up to its closing tag, and then text, calls or
/// JSON. Tags are tokens of their own in it, so that the grammar is where the answer is.
/// </summary>
/// <param name="tokenizer">The model's.</param>
/// <param name="logger">Is warned of what schemas ask and no grammar can enforce.</param>
internal sealed partial class AnswerGrammar(Tokenizer tokenizer, ILogger logger)
{
    private static readonly JsonElement s_anyObject = JsonElement.Parse("""{"type": "object"}""");
    private static readonly JsonElement s_anyDocument = JsonElement.Parse("""{"type": ["object", "array"]}""");

    // What makes a schema say what an object has in it.
    private static readonly string[] s_objectKeywords =
        ["properties", "required", "additionalProperties", "patternProperties", "$ref", "allOf", "anyOf", "oneOf", "type"];

    private const int MaxWarnings = 20;

    private int _warnings;

    /// <summary>What makes one grammar differ from another.</summary>
    /// <returns>A key, or <see langword="null"/> where the answer is free.</returns>
    /// <exception cref="ArgumentException">A call is required, and there is no function to call.</exception>
    public static string? Key(AnswerShape shape)
    {
        if (shape.Functions.Count == 0 && shape.Format is null)
        {
            return null;
        }

        // A digest, because schemas may have megabytes.
        using var key = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append($"{shape.Thinking} {shape.MustCall} {shape.AllowsMultipleCalls} {shape.Format is not null} {shape.Format?.Schema is not null} {shape.IsFormatStrict}");
        foreach (AIFunctionDeclaration function in shape.Functions)
        {
            Append($"{function.Name} {AnswerShape.IsStrict(function.AdditionalProperties)}");
            AppendSchema(SchemaOf(function));
        }

        if (SchemaOf(shape.Format) is { } format)
        {
            AppendSchema(format);
        }

        return Convert.ToHexString(key.GetHashAndReset());

        void Append(string text) => AppendBytes(Encoding.UTF8.GetBytes(text));

        void AppendSchema(JsonElement schema) =>
            AppendBytes(schema.ValueKind == JsonValueKind.Undefined ? [] : JsonMarshal.GetRawUtf8Value(schema));

        void AppendBytes(ReadOnlySpan<byte> bytes)
        {
            key.AppendData(BitConverter.GetBytes(bytes.Length));
            key.AppendData(bytes);
        }
    }

    /// <exception cref="ArgumentException">
    /// Nothing satisfies a schema, or it is too large; the message names the function and the place.
    /// </exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public Grammar Create(AnswerShape shape, CancellationToken cancellationToken = default)
    {
        var budget = new SchemaBudget(cancellationToken);
        var builder = new GrammarBuilder();
        Expression? calls = shape.Functions.Count == 0 ? null : Calls(shape, builder, budget);
        Expression? json = shape.Format is null || shape.MustCall
            ? null
            : new SchemaCompiler(builder, logger, budget: budget, hasAnyOrder: true)
                .Compile(SchemaOf(shape.Format) ?? s_anyDocument, isStrict: shape.IsFormatStrict);
        bool isFree = json is null && !shape.MustCall;
        // Where it is free, text until a call opens.
        Expression content = builder.Add(
            isFree ? Free(calls!, shape.AllowsMultipleCalls) :
            calls is null ? json! :
            json is null ? Repeated(calls, shape, builder) :
            Repeated(calls, shape, builder) | json,
            "content");
        int end = IdOf(ResponseTag.ThinkEnd);
        Expression thinking = Expression.OtherToken(end).Star(), start = Expression.Token(IdOf(ResponseTag.ThinkStart));
        // An answer may be over while the model thinks, unless something is asked of it.
        Expression reasoned = isFree
            ? thinking + (Expression.Token(end) + content).Optional()
            : thinking + Expression.Token(end) + ((Expression)"\n").Repeat(0, 2) + content;
        builder.Define("root", shape.Thinking switch
        {
            ThinkingStart.InPrompt => reasoned,
            ThinkingStart.InAnswer => start + reasoned | content,
            _ => content,
        });
        try
        {
            // Nobody reads its text, which would be as large again.
            return builder.ToGrammar(tokenizer, () => "", cancellationToken);
        }
        catch (FormatException e)
        {
            // It is well-formed, as it comes from here.
            throw new ArgumentException($"The schemas of the answer are too large: make them simpler. {e.Message}", "schema", e);
        }
    }

    private Expression Free(Expression call, bool allowsMultipleCalls)
    {
        Expression other = Expression.OtherToken(IdOf(ResponseTag.ToolCallStart));
        return allowsMultipleCalls ? (other | call).Star() : other.Star() + call.Optional();
    }

    private static Expression Repeated(Expression call, AnswerShape shape, GrammarBuilder builder) =>
        shape.AllowsMultipleCalls ? builder.Add(call + ("\n" + call).Star(), "calls") : call;

    /// <summary>A call of one of the functions.</summary>
    private Expression Calls(AnswerShape shape, GrammarBuilder builder, SchemaBudget budget)
    {
        // As the model's template writes the calls of earlier turns, and the model its own: what is the same in all
        // calls is not even predicted then.
        var compiler = new SchemaCompiler(builder, logger, hasFixedSpaces: true, budget, hasAnyOrder: true);
        IEnumerable<Expression> functions = shape.Functions.Select((function, i) => builder.Add(
            $"{{\"name\": {PromptJson.Format(function.Name)}, \"arguments\": " + Arguments(function, shape, compiler, budget) + "}", $"call-{i + 1}"));
        return builder.Define(
            "call",
            Expression.Token(IdOf(ResponseTag.ToolCallStart)) + "\n" + Expression.Alternatives(functions) + "\n" +
            Expression.Token(IdOf(ResponseTag.ToolCallEnd)));
    }

    private Expression Arguments(AIFunctionDeclaration function, AnswerShape shape, SchemaCompiler compiler, SchemaBudget budget)
    {
        try
        {
            // Semantic Kernel takes each parameter's schema as it is on its own, references and all.
            return compiler.Compile(SchemaOf(function), isolatesProperties: true, AnswerShape.IsStrict(function.AdditionalProperties));
        }
        catch (ArgumentException e) when (!shape.MustCall && !budget.IsExhausted)
        {
            // One function of many, from somebody else's server perhaps: what does not call it goes on as ever.
            if (++_warnings <= MaxWarnings)
            {
                LogImpossible(e, function.Name);
            }

            return compiler.Compile(s_anyObject);
        }
        catch (ArgumentException e)
        {
            throw new ArgumentException($"The function '{function.Name}' cannot be called by its schema. {e.Message}", e);
        }
    }

    /// <summary>The schema of a function's arguments, which are an object whatever it says.</summary>
    private static JsonElement SchemaOf(AIFunctionDeclaration function)
    {
        JsonElement schema = DotNetRanges.SchemaOf(function);
        try
        {
            bool isOfObject = schema.ValueKind == JsonValueKind.Object
                ? s_objectKeywords.Any(keyword => schema.TryGetProperty(keyword, out _)) &&
                    (!schema.TryGetProperty("type", out JsonElement type) || NamesObject(type))
                : schema.ValueKind == JsonValueKind.False;
            return isOfObject ? schema : s_anyObject;
        }
        catch (InvalidOperationException)
        {
            // It has text that is not Unicode, of which SchemaDocument tells the place.
            return schema;
        }
    }

    private static JsonElement? SchemaOf(ChatResponseFormatJson? format) => format is null ? null : DotNetRanges.SchemaOf(format);

    private static bool NamesObject(JsonElement type) => type.ValueKind switch
    {
        JsonValueKind.String => string.Equals(type.GetString(), "object", StringComparison.OrdinalIgnoreCase),
        JsonValueKind.Array => type.EnumerateArray().Any(NamesObject),
        _ => type.ValueKind == JsonValueKind.Null,
    };

    private int IdOf(ResponseTag tag) => tokenizer.GetSpecialTokenId(tag.Text());

    [LoggerMessage(Level = LogLevel.Warning, Message = "The arguments of the function {Name} are not held to its schema, which cannot be compiled")]
    private partial void LogImpossible(Exception exception, string name);
}
