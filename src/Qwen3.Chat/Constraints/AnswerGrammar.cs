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
/// What an answer can be, as one grammar: the reasoning, which is free, up to its closing tag, and then text, calls or JSON. Tags are tokens
/// of their own in it, so that the grammar is where the answer is.
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

    /// <exception cref="ArgumentException">Nothing satisfies a schema, or it is too large; the message names the function and the place.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public Grammar Create(AnswerShape shape, CancellationToken cancellationToken = default)
    {
        var budget = new SchemaBudget(cancellationToken);
        var builder = new GrammarBuilder();
        string? calls = shape.Functions.Count == 0 ? null : Calls(shape, builder, budget);
        string? json = shape.Format is null || shape.MustCall ? null : new SchemaCompiler(builder, logger, budget: budget, hasAnyOrder: true)
            .Compile(SchemaOf(shape.Format) ?? s_anyDocument, isStrict: shape.IsFormatStrict);
        string content = (calls, json) switch
        {
            (not null, not null) => builder.Add($"{calls} | {json}", "content"),
            (null, not null) => json,
            _ => calls!,
        };

        string toolCall = Tag(ResponseTag.ToolCallStart), thinkEnd = Tag(ResponseTag.ThinkEnd);
        bool isFree = json is null && !shape.MustCall;
        if (isFree)
        {
            // Text, until a call opens.
            content = builder.Add(shape.AllowsMultipleCalls ? $"( !{toolCall} | call )*" : $"!{toolCall}* call?", "content");
        }

        string reasoning = $"!{thinkEnd}* {thinkEnd} \"\\n\"{{0,2}} ";
        builder.Define("root", shape.Thinking switch
        {
            // An answer may be over while the model thinks, unless something is asked of it.
            ThinkingStart.InPrompt when isFree => $"!{thinkEnd}* ( {thinkEnd} {content} )?",
            ThinkingStart.InPrompt => reasoning + content,
            ThinkingStart.InAnswer when isFree => $"{Tag(ResponseTag.ThinkStart)} !{thinkEnd}* ( {thinkEnd} {content} )? | {content}",
            ThinkingStart.InAnswer => $"{Tag(ResponseTag.ThinkStart)} {reasoning}{content} | {content}",
            _ => content,
        });
        try
        {
            return new(builder.ToString(), tokenizer, isExtended: true);
        }
        catch (FormatException e)
        {
            // It is well-formed, as it comes from here.
            throw new ArgumentException($"The schemas of the answer are too large: make them simpler. {e.Message}", "schema", e);
        }
    }

    private string Calls(AnswerShape shape, GrammarBuilder builder, SchemaBudget budget)
    {
        // As the model's template writes the calls of earlier turns, and the model its own: what is the same in all calls is not even predicted then.
        var compiler = new SchemaCompiler(builder, logger, hasFixedSpaces: true, budget, hasAnyOrder: true);
        IEnumerable<string> functions = shape.Functions.Select((function, i) =>
        {
            string name = Literal($"{{\"name\": {PromptJson.Format(function.Name)}, \"arguments\": ");
            return builder.Add($"{name} {Arguments(function, shape, compiler, budget)} \"}}\"", $"call-{i + 1}");
        });
        builder.Define("call", $"{Tag(ResponseTag.ToolCallStart)} \"\\n\" ( {string.Join(" | ", functions)} ) \"\\n\" {Tag(ResponseTag.ToolCallEnd)}");
        return shape.AllowsMultipleCalls ? builder.Add("call ( \"\\n\" call )*", "calls") : "call";
    }

    private string Arguments(AIFunctionDeclaration function, AnswerShape shape, SchemaCompiler compiler, SchemaBudget budget)
    {
        try
        {
            // Semantic Kernel takes each parameter's schema as it is on its own, references and all.
            return compiler.Compile(SchemaOf(function), isolatesProperties: true, AnswerShape.IsStrict(function.AdditionalProperties));
        }
        catch (ArgumentException e) when (!shape.MustCall && !budget.IsExhausted)
        {
            // One function of many, from somebody else's server perhaps: what does not call it goes on as ever.
            LogImpossible(e, function.Name);
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

    private string Tag(ResponseTag tag) => $"<[{tokenizer.GetSpecialTokenId(tag.Text())}]>";

    private static string Literal(string text) => $"\"{text.Replace("\\", "\\\\").Replace("\"", "\\\"")}\"";

    [LoggerMessage(Level = LogLevel.Warning, Message = "The arguments of the function {Name} are not held to its schema, which nothing satisfies")]
    private partial void LogImpossible(Exception exception, string name);
}
