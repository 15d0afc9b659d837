using Microsoft.Extensions.AI;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Prompts;

/// <summary>A conversation as the model reads it: what the model's own chat template makes of it.</summary>
/// <remarks>
/// Immutable and safe for concurrent use. Text from outside (user messages, function results, the arguments of calls) never becomes a
/// special token, whatever it spells; in text by the application's author and by the model, tags such as <c>&lt;think&gt;</c> do and
/// control tokens such as <c>&lt;|im_end|&gt;</c> do not.
/// </remarks>
public sealed class Qwen3Prompt
{
    private readonly List<TextPart> _parts;

    private Qwen3Prompt(List<TextPart> parts) => _parts = parts;

    /// <summary>Renders a conversation, ready for the assistant's next turn.</summary>
    /// <param name="variant">The variant whose template is followed.</param>
    /// <param name="messages">
    /// The conversation. A system message (or <see cref="ChatOptions.Instructions"/>) may come first; the role <c>developer</c> counts as system.
    /// </param>
    /// <param name="options">
    /// The <see cref="ChatOptions.Tools"/> that are offered, further <see cref="ChatOptions.Instructions"/>, which stand before the system
    /// message, and whether the model thinks, if it can: not with a <see cref="ReasoningOptions.Effort"/> of <see cref="ReasoningEffort.None"/>
    /// or a <c>thinking_budget</c> of 0 in <see cref="ChatOptions.AdditionalProperties"/>. Nothing else is read.
    /// </param>
    /// <returns>The prompt.</returns>
    /// <exception cref="NotSupportedException">A message has a content or a role, or a tool is of a kind, that the model has no form for.</exception>
    public static Qwen3Prompt Create(Qwen3Variant variant, IEnumerable<ChatMessage> messages, ChatOptions? options = null) =>
        Create(variant, messages, options, thinks: new ThinkingBudgets().Of(options) != 0);

    internal static Qwen3Prompt Create(Qwen3Variant variant, IEnumerable<ChatMessage> messages, ChatOptions? options, bool thinks)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var writer = new PromptWriter(variant);
        writer.Write(TurnReader.Read(messages, options?.Instructions), options?.Tools is { Count: > 0 } tools ? ToolText.Of(tools) : null);
        writer.OpenAnswer(thinks);
        return new(writer.Parts);
    }

    /// <summary>Gets the prompt's text.</summary>
    /// <returns>The text, with special tokens as they are spelled.</returns>
    public override string ToString() => string.Concat(_parts.Select(part => part.Text));

    /// <summary>Gets the prompt's token ids.</summary>
    /// <param name="tokenizer">The tokenizer of the model that the prompt is for.</param>
    /// <returns>The ids. Tokens of the template stand as such, and text from outside is made of ordinary tokens.</returns>
    /// <exception cref="ObjectDisposedException">The tokenizer's model was disposed.</exception>
    public IReadOnlyList<int> Tokenize(Tokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        return tokenizer.Encode(_parts);
    }
}
