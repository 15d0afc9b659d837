using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;
using Qwen3.Server.Mapping;
using Qwen3.Server.Wire;

namespace Qwen3.Server.Serving;

/// <summary>Sends answers as server-sent events, each token when it is there.</summary>
internal sealed class AnswerStream(ErrorMapping errors, IOptions<Qwen3ServerOptions> options, TimeProvider timeProvider)
{
    /// <summary>Sends an answer. What fails before anything was sent is thrown; what fails later is the last event.</summary>
    public async Task SendAsync(HttpContext context, IAsyncEnumerable<ChatResponseUpdate> updates, AnswerMapping answer, bool includesUsage)
    {
        CancellationToken cancellationToken = context.RequestAborted;
        using var events = new EventWriter(context.Response);
        try
        {
            await using IAsyncEnumerator<ChatResponseUpdate> enumerator = updates.GetAsyncEnumerator(cancellationToken);
            while (await MoveNextAsync(enumerator, events, cancellationToken).ConfigureAwait(false))
            {
                if (answer.Next(enumerator.Current) is { } chunk)
                {
                    events.Write(chunk, WireJson.Answers.ChatCompletionChunk);
                }
            }

            events.Write(answer.Last(), WireJson.Answers.ChatCompletionChunk);
            if (includesUsage && answer.Usage is not null)
            {
                events.Write(answer.UsageChunk(), WireJson.Answers.ChatCompletionChunk);
            }

            events.WriteDone();
        }
        catch (Exception e) when (events.HasBegun && !cancellationToken.IsCancellationRequested)
        {
            // The status is settled; the error goes where the rest of the answer would be, and no word that it is complete.
            events.Write(new ErrorResponse { Error = errors.Of(e).Error }, WireJson.Answers.ErrorResponse);
        }

        await events.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits for the next update, and sends what there is before it waits.</summary>
    private async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<ChatResponseUpdate> updates, EventWriter events, CancellationToken cancellationToken)
    {
        ValueTask<bool> move = updates.MoveNextAsync();
        if (move.IsCompleted)
        {
            return await move.ConfigureAwait(false);
        }

        Task<bool> next = move.AsTask();
        try
        {
            while (true)
            {
                await events.FlushAsync(cancellationToken).ConfigureAwait(false);
                try
                {
                    return await next.WaitAsync(options.Value.KeepAliveInterval, timeProvider, CancellationToken.None).ConfigureAwait(false);
                }
                catch (TimeoutException) when (!next.IsCompleted)
                {
                    events.WriteComment();
                }
            }
        }
        finally
        {
            // An enumerator must not be disposed while it moves. Where the client has gone, it ends for that reason.
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
