using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Qwen3.SemanticKernel.Mapping;

/// <summary>
/// Ends a cancelled request also where a function ignores its token. The function is left to itself, and its result is
/// not used.
/// </summary>
internal sealed class HangingFunctionsClient(IChatClient innerClient) : DelegatingChatClient(innerClient)
{
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (!CanInvoke(options))
        {
            return await base.GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);
        }

        ModelCalls calls = ModelCalls.Start();
        Task<ChatResponse> response = Task.Run(
            () => base.GetResponseAsync(messages, options, cancellationToken),
            cancellationToken);
        await calls.WaitAsync(response, cancellationToken).ConfigureAwait(false);
        return await response.ConfigureAwait(false);
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        IAsyncEnumerator<ChatResponseUpdate> updates = base.GetStreamingResponseAsync(
                messages,
                options,
                cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        bool canInvoke = CanInvoke(options);
        Task<bool>? pending = null;
        ModelCalls? calls = null;
        try
        {
            while (true)
            {
                if (canInvoke)
                {
                    // Set at each step: what an async iterator sets is gone after each of its items.
                    calls = ModelCalls.Start(calls);
                    // Apart from this thread, as a function runs in the step that follows its call and may block.
                    pending = Task.Run(() => updates.MoveNextAsync().AsTask(), CancellationToken.None);
                    await calls.WaitAsync(pending, cancellationToken).ConfigureAwait(false);
                }
                else
                {
                    pending = updates.MoveNextAsync().AsTask();
                }

                if (!await pending.ConfigureAwait(false))
                {
                    break;
                }

                yield return updates.Current;
            }
        }
        finally
        {
            if (pending is { IsCompleted: false })
            {
                _ = DisposeLaterAsync(updates, pending);
            }
            else
            {
                await updates.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private static bool CanInvoke(ChatOptions? options) => options?.Tools?.Any(tool => tool is AIFunction) == true;

    private static async Task DisposeLaterAsync(IAsyncEnumerator<ChatResponseUpdate> updates, Task pending)
    {
        await pending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await updates.DisposeAsync().ConfigureAwait(false);
    }
}
