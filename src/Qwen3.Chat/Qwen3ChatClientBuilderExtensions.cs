using Qwen3.Chat;
using Qwen3.Chat.Responses;

namespace Microsoft.Extensions.AI;

/// <summary>Extensions of <see cref="ChatClientBuilder"/> for Qwen3 models.</summary>
public static class Qwen3ChatClientBuilderExtensions
{
    /// <summary>
    /// Parses the reasoning and the tool calls that a server leaves in the text of a Qwen3 model's answers:
    /// <c>&lt;think&gt;</c> and <c>&lt;tool_call&gt;</c> become <see cref="TextReasoningContent"/> and
    /// <see cref="FunctionCallContent"/>, in whole and in streamed answers.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="variant">
    /// The variant that answers. The default parses reasoning that the answer opens with <c>&lt;think&gt;</c>, and also
    /// works for <see cref="Qwen3Variant.Instruct"/>. With <see cref="Qwen3Variant.Thinking"/>, whose prompt opens the
    /// reasoning, an answer begins inside it, unless the server sends reasoning separately before the text.
    /// </param>
    /// <returns>The builder.</returns>
    /// <remarks>
    /// <para>
    /// Function invocation goes around it: <c>builder.UseFunctionInvocation().UseQwen3ResponseParsing()</c>.
    /// <see cref="Qwen3ChatClient"/> and servers that parse do not need it.
    /// </para>
    /// <para>
    /// Calls are parsed where <see cref="ChatOptions.Tools"/> offers functions and the tool mode is not
    /// <see cref="ChatToolMode.None"/>. A finish reason of <see cref="ChatFinishReason.Stop"/> then becomes
    /// <see cref="ChatFinishReason.ToolCalls"/>. A call that cannot be parsed stays in the text, followed by an
    /// <see cref="ErrorContent"/> with the code <see cref="Qwen3OptionNames.MalformedToolCall"/>. Contents that the
    /// inner client parsed are kept, and a call that is also in the text counts once. A call whose id is empty, or
    /// equals that of another call in the conversation, gets a new id. Newlines around reasoning and text are removed.
    /// Only assistant messages are parsed, each separately; in a stream they are told apart by
    /// <see cref="ChatResponseUpdate.MessageId"/>.
    /// </para>
    /// </remarks>
    public static ChatClientBuilder UseQwen3ResponseParsing(
        this ChatClientBuilder builder, Qwen3Variant variant = Qwen3Variant.Hybrid)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (!Enum.IsDefined(variant))
        {
            throw new ArgumentOutOfRangeException(
                nameof(variant), variant, $"The value is not a member of {nameof(Qwen3Variant)}.");
        }

        return builder.Use(inner => new Qwen3ResponseParsingChatClient(inner, _ => variant));
    }
}
