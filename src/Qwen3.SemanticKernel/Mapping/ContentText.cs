using Microsoft.Extensions.AI;
using SK = Microsoft.SemanticKernel;

namespace Qwen3.SemanticKernel.Mapping;

/// <summary>The text of the contents that functions return.</summary>
internal static class ContentText
{
    /// <summary>Gets a value indicating whether all values of a type are contents or strings.</summary>
    public static bool IsText(Type type) =>
        type == typeof(string)
        || type.IsAssignableTo(typeof(SK.KernelContent))
        || type.IsAssignableTo(typeof(SK.StreamingKernelContent))
        || type.IsAssignableTo(typeof(AIContent))
        || type == typeof(ChatResponseUpdate)
        || type == typeof(ChatMessage);

    /// <summary>The text of a string or a content, or <see langword="null"/> for other values.</summary>
    public static string? Create(object? value) =>
        value switch
        {
            string text => text,
            SK.TextContent text => text.Text ?? "",
            SK.ChatMessageContent message => message.Content ?? "",
            SK.ReasoningContent or TextReasoningContent => "",
            SK.StreamingKernelContent piece => piece.ToString() ?? "",
            SK.BinaryContent binary => Unreadable(binary.MimeType, binary.GetType()),
            TextContent text => text.Text,
            DataContent data => Unreadable(data.MediaType, data.GetType()),
            UriContent uri => Unreadable(uri.MediaType, uri.GetType()),
            ChatResponseUpdate update => update.Text,
            ChatMessage message => message.Text,
            ChatResponse response => response.Text,
            AIContent content => Unreadable(null, content.GetType()),
            SK.KernelContent content => content.ToString() is { } text && text != content.GetType().ToString()
                ? text
                : Unreadable(content.MimeType, content.GetType()),
            _ => null,
        };

    private static string Unreadable(string? mediaType, Type type)
    {
        string content = string.IsNullOrEmpty(mediaType) ? $"a {type.Name}" : $"a {type.Name} of the type {mediaType}";
        return $"[The result has {content}, which this model cannot read; it reads text.]";
    }
}
