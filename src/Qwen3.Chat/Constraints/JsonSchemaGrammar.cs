using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Qwen3.Chat.Constraints;

/// <summary>A grammar in llama.cpp's notation (GBNF) whose texts are JSON that a schema allows.</summary>
/// <remarks>
/// Where a schema leaves a choice, the grammar is as narrow as .NET's types are: objects whose properties are declared have no others unless
/// <c>additionalProperties</c> asks for them, integers fit a <see cref="long"/>, numbers a <see cref="decimal"/>, and times are what System.Text.Json reads.
/// All members are safe for concurrent use.
/// </remarks>
public sealed class JsonSchemaGrammar
{
    private readonly string _text;

    private JsonSchemaGrammar(string text)
    {
        _text = text;
    }

    /// <summary>Makes the grammar of a schema.</summary>
    /// <param name="schema">
    /// A JSON schema, as .NET makes them (<c>AIJsonUtilities</c>, <c>JsonSchemaExporter</c>) or written by hand: an object, or true for any JSON.
    /// </param>
    /// <param name="logger">Is warned of each keyword that the grammar does not enforce; by default nobody is.</param>
    /// <param name="cancellationToken">Cancels the compilation, which takes up to a second for a large schema.</param>
    /// <returns>The grammar, the same for the same schema.</returns>
    /// <exception cref="ArgumentException">
    /// No JSON satisfies the schema, or it is not a schema, or it nests too deeply or is too large. The message names the place in the schema
    /// and the reason.
    /// </exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static JsonSchemaGrammar Create(JsonElement schema, ILogger? logger = null, CancellationToken cancellationToken = default)
    {
        var builder = new GrammarBuilder();
        string start = new SchemaCompiler(builder, logger, budget: new(cancellationToken)).Compile(schema);
        builder.Define("root", start);
        return new(builder.ToString());
    }

    /// <summary>Gets the grammar's text, whose start rule is <c>root</c>.</summary>
    public override string ToString() => _text;
}
