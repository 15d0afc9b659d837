using System.Text.Json;
using Microsoft.Extensions.Logging;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Constraints;

/// <summary>A grammar whose texts are the JSON that a schema allows.</summary>
/// <remarks>
/// Where a schema leaves a choice, the grammar is as narrow as .NET's types are: objects whose properties are declared
/// have no others unless
/// <c>additionalProperties</c> asks for them, integers fit a <see cref="long"/>, numbers a <see cref="decimal"/>, and
/// times are what System.Text.Json reads. Properties come in the order of the schema. All members are safe for
/// concurrent use.
/// </remarks>
public sealed class JsonSchemaGrammar
{
    private readonly GrammarBuilder _builder;
    private readonly Lazy<string> _text;

    private JsonSchemaGrammar(GrammarBuilder builder)
    {
        _builder = builder;
        _text = new(builder.ToString);
    }

    /// <summary>Creates the grammar of a schema.</summary>
    /// <param name="schema">
    /// A JSON schema, as .NET creates them (<c>AIJsonUtilities</c>, <c>JsonSchemaExporter</c>) or written by hand: an
    /// object, or true for any JSON.
    /// </param>
    /// <param name="logger">
    /// Receives a warning for each keyword that the grammar does not enforce, 20 at most. The default is none.
    /// </param>
    /// <param name="cancellationToken">Cancels the compilation, which takes up to a second for a large schema.</param>
    /// <returns>The grammar, the same for the same schema.</returns>
    /// <exception cref="ArgumentException">
    /// The schema is unsatisfiable, or it is not a schema, or it nests too deeply or is too large. The message names
    /// the place in the schema and the reason.
    /// </exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static JsonSchemaGrammar Create(JsonElement schema, ILogger? logger = null, CancellationToken cancellationToken = default)
    {
        var builder = new GrammarBuilder();
        builder.Define("root", new SchemaCompiler(builder, logger, budget: new(cancellationToken)).Compile(schema));
        return new(builder);
    }

    /// <summary>Creates the grammar over the vocabulary of a model, without writing and reading its text.</summary>
    /// <param name="tokenizer">The tokenizer of the model whose answers are constrained.</param>
    /// <returns>The grammar.</returns>
    /// <exception cref="FormatException">The grammar is too large.</exception>
    public Grammar ToGrammar(Tokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        return _builder.ToGrammar(tokenizer, ToString);
    }

    /// <summary>Gets the grammar in llama.cpp's notation (GBNF), whose start rule is <c>root</c>.</summary>
    public override string ToString() => _text.Value;
}
