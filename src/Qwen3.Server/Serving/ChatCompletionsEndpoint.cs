using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Qwen3.Server.Mapping;
using Qwen3.Server.Wire;

namespace Qwen3.Server.Serving;

/// <summary>Answers conversations.</summary>
internal sealed partial class ChatCompletionsEndpoint(
    RequestReader reader,
    ServedModels models,
    RequestGate gate,
    ErrorMapping errors,
    IOptions<Qwen3ServerOptions> options,
    TimeProvider timeProvider,
    ILogger<ChatCompletionsEndpoint> logger)
{
    /// <exception cref="ApiException">The request is refused, or failed before anything of its answer was sent.</exception>
    public async Task AnswerAsync(HttpContext context)
    {
        ChatCompletionRequest request = await reader.ReadAsync(context).ConfigureAwait(false);
        ServedModel model = models.Find(request.Model, context.RequestServices);
        CheckCounts(request);
        List<ChatMessage> messages = MessageMapping.Create(request.Messages!);
        ChatOptions chatOptions = OptionsMapping.Create(request);
        IChatClient client = context.RequestServices.GetRequiredKeyedService<IChatClient>(model.ServiceKey);
        var answer = new AnswerMapping(model.Id, timeProvider.GetUtcNow());
        gate.Enter();
        try
        {
            if (request.Stream == true)
            {
                await StreamAsync(
                    context, client.GetStreamingResponseAsync(messages, chatOptions, context.RequestAborted), answer, request.StreamOptions?.IncludeUsage == true)
                    .ConfigureAwait(false);
            }
            else
            {
                ChatResponse response = await client.GetResponseAsync(messages, chatOptions, context.RequestAborted).ConfigureAwait(false);
                await context.Response.WriteAsJsonAsync(
                    answer.Whole(response), WireJson.Answers.ChatCompletion, cancellationToken: context.RequestAborted).ConfigureAwait(false);
            }
        }
        finally
        {
            gate.Leave();
        }
    }

    private async Task StreamAsync(HttpContext context, IAsyncEnumerable<ChatResponseUpdate> updates, AnswerMapping answer, bool includesUsage)
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
        catch (Exception e) when (context.Response.HasStarted && !cancellationToken.IsCancellationRequested)
        {
            // The status is out; the error goes where the rest of the answer would be, and no word that it is complete.
            LogBrokenStream(e);
            events.Write(new ErrorResponse { Error = errors.Of(e).Error }, WireJson.Answers.ErrorResponse);
        }

        await events.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits for the next update, and sends what is there before it waits.</summary>
    private async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<ChatResponseUpdate> enumerator, EventWriter events, CancellationToken cancellationToken)
    {
        ValueTask<bool> move = enumerator.MoveNextAsync();
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
            // An enumerator must not be disposed while it moves; where the client has gone, it ends for that reason.
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void CheckCounts(ChatCompletionRequest request)
    {
        if (request.Messages is not { Count: > 0 } messages)
        {
            throw ApiException.Invalid("messages", "is missing; a conversation has one message at least.");
        }

        if (messages.Count > options.Value.MaxMessages)
        {
            throw ApiException.Invalid("messages", $"has {messages.Count} messages; this server takes {options.Value.MaxMessages} at most.");
        }

        if (request.Tools?.Count > options.Value.MaxTools)
        {
            throw ApiException.Invalid("tools", $"has {request.Tools.Count} tools; this server takes {options.Value.MaxTools} at most.");
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "An answer broke off in the middle")]
    private partial void LogBrokenStream(Exception exception);
}
