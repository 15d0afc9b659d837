using System.Reflection;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using AI = Microsoft.Extensions.AI;

namespace Qwen3.SemanticKernel.Mapping;

/// <summary>What functions returned, in a form that a prompt can have: contents as their text, and a stream as all that was in it.</summary>
internal static class FunctionResults
{
    private static readonly MethodInfo s_gather = typeof(FunctionResults).GetMethod(nameof(GatherAsync), BindingFlags.NonPublic | BindingFlags.Static)!;

    /// <summary>What a function returned, without what Semantic Kernel wraps it in.</summary>
    public static object? Unwrap(object? result) => result switch
    {
        FunctionResult value => Unwrap(value.GetValue<object>()),
        TextContent text => text.Text,
        ChatMessageContent message => message.Content,
        _ => result,
    };

    /// <summary>Puts what is in the streams of a history where they stand, so that the next request does not enumerate them again.</summary>
    public static async ValueTask GatherStreamsAsync(ChatHistory history, CancellationToken cancellationToken)
    {
        foreach (ChatMessageContent message in history)
        {
            for (int i = 0; i < message.Items.Count; i++)
            {
                if (message.Items[i] is FunctionResultContent content && ElementOf(Unwrap(content.Result)) is not null)
                {
                    AI.FunctionResultContent gathered = new(content.CallId ?? "", content.Result);
                    try
                    {
                        await GatherStreamsAsync([gathered], cancellationToken).ConfigureAwait(false);
                    }
                    finally
                    {
                        message.Items[i] = new FunctionResultContent(content.FunctionName, content.PluginName, content.CallId, gathered.Result)
                        {
                            InnerContent = gathered.Exception is null ? content.InnerContent : gathered,
                            Metadata = content.Metadata,
                            ModelId = content.ModelId,
                            MimeType = content.MimeType,
                        };
                    }
                }
            }
        }
    }

    /// <summary>Puts in place of results what a prompt can have of them.</summary>
    public static async ValueTask GatherStreamsAsync(IEnumerable<AI.FunctionResultContent> contents, CancellationToken cancellationToken)
    {
        foreach (AI.FunctionResultContent content in contents)
        {
            content.Result = Unwrap(content.Result);
            if (ElementOf(content.Result) is not { } element)
            {
                continue;
            }

            try
            {
                content.Result = await ((Task<object>)s_gather.MakeGenericMethod(element).Invoke(null, [content.Result, cancellationToken])!).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                // The function failed, only later than others do; the conversation goes on as with those. What was read of a stream that is not
                // read on is gone, and who goes on with the history has to see that.
                content.Result = $"Error: {e.Message}";
                content.Exception = e;
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }

    /// <summary>The type of what a value streams; <see langword="null"/> if it is no stream.</summary>
    private static Type? ElementOf(object? value) => value?.GetType().GetInterfaces()
        .FirstOrDefault(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>))?.GenericTypeArguments[0];

    private static async Task<object> GatherAsync<T>(IAsyncEnumerable<T> stream, CancellationToken cancellationToken)
    {
        List<T> pieces = [];
        await foreach (T piece in stream.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            pieces.Add(piece);
        }

        // These have their text as a string; anything else is an array in JSON.
        bool isText = typeof(T) == typeof(string) || typeof(T) == typeof(AI.ChatResponseUpdate) ||
            typeof(T).IsAssignableTo(typeof(StreamingKernelContent)) || typeof(T).IsAssignableTo(typeof(KernelContent));
        return isText ? string.Concat(pieces) : pieces;
    }
}
