using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Qwen3.Chat.Constraints;

/// <summary>Where an answer's thinking begins.</summary>
internal enum ThinkingStart
{
    /// <summary>Nowhere: the model does not think.</summary>
    Nowhere,

    /// <summary>In the prompt: the answer begins in the middle of it.</summary>
    InPrompt,

    /// <summary>In the answer, with a tag, or not at all, as the model likes.</summary>
    InAnswer,
}

/// <summary>What a request asks an answer to be.</summary>
/// <param name="Thinking">Where the thinking begins.</param>
/// <param name="Functions">The functions that may be called.</param>
/// <param name="MustCall">Whether one has to be called.</param>
/// <param name="AllowsMultipleCalls">Whether several may be called.</param>
/// <param name="Format">The JSON that the text is to be, if it is.</param>
internal sealed record AnswerShape(
    ThinkingStart Thinking,
    IReadOnlyList<AIFunctionDeclaration> Functions,
    bool MustCall,
    bool AllowsMultipleCalls,
    ChatResponseFormatJson? Format)
{
    // As Microsoft.Extensions.AI's clients of OpenAI call it.
    private static readonly string[] s_strict = ["strict", "strictJsonSchema"];

    /// <summary>Gets a value indicating whether properties of the JSON come in the order of the schema.</summary>
    public bool IsFormatStrict { get; private init; }

    /// <summary>
    /// Whether a function or a request asks for its schema to the letter, with the properties in the order of the
    /// schema.
    /// </summary>
    public static bool IsStrict(IReadOnlyDictionary<string, object?>? properties) => Array.Exists(
        s_strict, name => properties?.TryGetValue(name, out object? value) == true && value is true or JsonElement { ValueKind: JsonValueKind.True });

    /// <exception cref="ArgumentException">
    /// A call is required of a function that is not offered, or of none.
    /// </exception>
    public static AnswerShape Of(ThinkingStart thinking, ChatOptions? options)
    {
        List<AIFunctionDeclaration> functions = options?.ToolMode is NoneChatToolMode ? [] : [.. options?.Tools?.OfType<AIFunctionDeclaration>() ?? []];
        var required = options?.ToolMode as RequiredChatToolMode;
        if (required is not null && functions.Count == 0)
        {
            throw new ArgumentException("A function call is required, and no function is offered. Add some to ChatOptions.Tools, or set ChatOptions.ToolMode to Auto.", nameof(options));
        }

        if (required?.RequiredFunctionName is { } name)
        {
            string offered = string.Join(", ", functions.Select(function => function.Name));
            functions.RemoveAll(function => function.Name != name);
            if (functions.Count == 0)
            {
                throw new ArgumentException($"A call of the function '{name}' is required, and the functions offered are: {offered}.", nameof(options));
            }
        }

        return new(thinking, functions, required is not null, options?.AllowMultipleToolCalls != false, options?.ResponseFormat as ChatResponseFormatJson)
        {
            IsFormatStrict = IsStrict(options?.AdditionalProperties),
        };
    }
}
