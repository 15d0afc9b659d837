using Microsoft.SemanticKernel;
using AI = Microsoft.Extensions.AI;

namespace Qwen3.SemanticKernel.Mapping;

/// <summary>Semantic Kernel's messages as those of Microsoft.Extensions.AI: the way of a request.</summary>
internal static class ToExtensionsAI
{
    public static IEnumerable<AI.ChatMessage> Messages(IEnumerable<ChatMessageContent> messages) => messages.Select(Message);

    private static AI.ChatMessage Message(ChatMessageContent message) =>
        new(new(message.Role.Label), [.. message.Items.Select(Content)])
        {
            AuthorName = message.AuthorName,
        };

    private static AI.AIContent Content(KernelContent content) => content switch
    {
        TextContent text => new AI.TextContent(text.Text),
        ReasoningContent reasoning => new AI.TextReasoningContent(reasoning.Text),
        FunctionCallContent call => new AI.FunctionCallContent(call.Id ?? "", FunctionNames.Join(call.PluginName, call.FunctionName), call.Arguments)
        {
            Exception = call.Exception,
            // What a client noted on the call that it made, such as which model it was.
            AdditionalProperties = call.Metadata is null ? null : new(call.Metadata),
        },
        FunctionResultContent result => new AI.FunctionResultContent(result.CallId ?? "", FunctionResults.Unwrap(result.Result)),
        _ => throw new NotSupportedException(
            $"The chat history has a {content.GetType().Name}, and Qwen3 has no form for it: it reads text, reasoning, function calls and function results. " +
            "Describe it in text, or leave it out."),
    };
}
