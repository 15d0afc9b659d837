using Qwen3.Chat;
using Qwen3.Chat.Responses;

namespace Microsoft.Extensions.AI;

/// <summary>What Qwen3 adds to a <see cref="ChatClientBuilder"/>.</summary>
public static class Qwen3ChatClientBuilderExtensions
{
    /// <summary>
    /// Reads the reasoning and the function calls that a server leaves in the text of a Qwen3 model's answers: <c>&lt;think&gt;</c> and
    /// <c>&lt;tool_call&gt;</c> become <see cref="TextReasoningContent"/> and <see cref="FunctionCallContent"/>, in whole and in streamed
    /// answers alike.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="variant">
    /// Which variant answers. The default reads reasoning that the answer opens with <c>&lt;think&gt;</c>, which also does for
    /// <see cref="Qwen3Variant.Instruct"/>. With <see cref="Qwen3Variant.Thinking"/>, whose prompt opens it, an answer begins inside the
    /// reasoning, except where the server sends reasoning of its own before text.
    /// </param>
    /// <returns>The builder.</returns>
    /// <remarks>
    /// <para>
    /// What carries calls out stands around it: <c>builder.UseFunctionInvocation().UseQwen3ResponseParsing()</c>. A client whose server, or
    /// <see cref="Qwen3ChatClient"/>, does this by itself does not need it.
    /// </para>
    /// <para>
    /// Calls are read where <see cref="ChatOptions.Tools"/> offers functions and the tool mode is not <see cref="ChatToolMode.None"/>; a finish
    /// reason of <see cref="ChatFinishReason.Stop"/> then becomes <see cref="ChatFinishReason.ToolCalls"/>. A call that cannot be read stays in
    /// the text, with an <see cref="ErrorContent"/> of the code <c>malformed_tool_call</c> behind it. Reasoning, calls and other contents that
    /// the server's client made stay as they are, and a call that is in the text as well counts once. Newlines around reasoning and text are
    /// left out. A call whose id is empty, or the same as that of another call in the conversation, is given a new one. Only assistant messages are read, each by itself; in a stream they are told apart by <see cref="ChatResponseUpdate.MessageId"/>.
    /// </para>
    /// </remarks>
    public static ChatClientBuilder UseQwen3ResponseParsing(this ChatClientBuilder builder, Qwen3Variant variant = Qwen3Variant.Hybrid)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (!Enum.IsDefined(variant))
        {
            throw new ArgumentOutOfRangeException(nameof(variant), variant, $"There is no such variant. Name a member of {nameof(Qwen3Variant)}.");
        }

        return builder.Use(inner => new Qwen3ResponseParsingChatClient(inner, _ => variant));
    }
}
