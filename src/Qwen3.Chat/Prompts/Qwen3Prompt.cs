using Microsoft.Extensions.AI;
using Qwen3.Chat.Prompts;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat;

/// <summary>A conversation rendered with the model's chat template.</summary>
/// <remarks>
/// Immutable and safe for concurrent use. User messages, tool results, tools, tool calls and earlier answers never
/// become special tokens, whatever they spell. In system messages and <see cref="ChatOptions.Instructions"/>, which the
/// application's author writes, tags such as <c>&lt;think&gt;</c> become tag tokens and control tokens such as
/// <c>&lt;|im_end|&gt;</c> do not.
/// </remarks>
public sealed class Qwen3Prompt
{
    private readonly List<TextPart> _parts;

    private Qwen3Prompt(List<TextPart> parts) => _parts = parts;

    /// <summary>Renders a conversation, ready for the assistant's next turn.</summary>
    /// <param name="variant">The variant whose template is used.</param>
    /// <param name="messages">
    /// The conversation. A system message (or <see cref="ChatOptions.Instructions"/>) may come first. The role
    /// <c>developer</c> counts as system.
    /// </param>
    /// <param name="options">
    /// The <see cref="ChatOptions.Tools"/> to offer, <see cref="ChatOptions.Instructions"/> to put before the system
    /// message, and whether the model thinks, if it can: it does not with a <see cref="ReasoningOptions.Effort"/> of
    /// <see cref="ReasoningEffort.None"/> or a <c>thinking_budget</c> of 0 in
    /// <see cref="ChatOptions.AdditionalProperties"/>. Other options are ignored.
    /// </param>
    /// <param name="trustsTools">
    /// <see langword="true"/> to turn tags that a tool's name, description or schema spells into tag tokens, as the
    /// reference template does. The default, <see langword="false"/>, keeps them ordinary tokens.
    /// </param>
    /// <returns>The prompt.</returns>
    /// <exception cref="NotSupportedException">
    /// The template has no form for a message's content or role, or for a tool.
    /// </exception>
    public static Qwen3Prompt Create(
        Qwen3Variant variant,
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        bool trustsTools = false) =>
        Create(variant, messages, options, trustsTools, thinks: new ThinkingBudgets().Of(options) != 0);

    internal static Qwen3Prompt Create(
        Qwen3Variant variant, IEnumerable<ChatMessage> messages, ChatOptions? options, bool trustsTools, bool thinks)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var writer = new PromptWriter(variant);
        writer.Write(
            TurnReader.Read(messages, options?.Instructions),
            options?.Tools is { Count: > 0 } tools ? ToolText.Parts(tools, trustsTools) : null);
        writer.WriteGenerationPrompt(thinks);
        return new(writer.Parts);
    }

    /// <summary>Returns the prompt's text.</summary>
    /// <returns>The text, with special tokens as they are spelled.</returns>
    public override string ToString() => string.Concat(_parts.Select(part => part.Text));

    /// <summary>Returns the prompt's token ids.</summary>
    /// <param name="tokenizer">The tokenizer of the model that the prompt is for.</param>
    /// <returns>
    /// The ids. The template's special tokens are their ids; text from outside consists of ordinary tokens.
    /// </returns>
    /// <exception cref="ObjectDisposedException">The tokenizer's model was disposed.</exception>
    public IReadOnlyList<int> Tokenize(Tokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        return tokenizer.Encode(_parts);
    }

    internal IReadOnlyList<int> Tokenize(PromptTokenizer tokenizer, CancellationToken cancellationToken) =>
        tokenizer.Encode(_parts, cancellationToken);
}
