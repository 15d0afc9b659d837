using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Qwen3.Server.Mapping;
using Qwen3.Server.Wire;

namespace Qwen3.Server.Serving;

/// <summary>Answers conversations.</summary>
internal sealed class ChatCompletionsEndpoint(
    RequestReader reader,
    ServedModels models,
    RequestGate gate,
    AnswerStream stream,
    ServerMetrics metrics,
    IOptions<Qwen3ServerOptions> options,
    TimeProvider timeProvider)
{
    /// <exception cref="ApiException">The request is refused, or failed before anything of its answer was sent.</exception>
    public async Task AnswerAsync(HttpContext context)
    {
        // Before the body is read, so that it bounds what is held in memory too.
        using RequestGate.Pass pass = gate.Enter();
        ChatCompletionRequest request = await reader.ReadAsync(context).ConfigureAwait(false);
        ServedModel model = models.Find(request.Model, context.RequestServices);
        CheckCounts(request);
        List<ChatMessage> messages = MessageMapping.Create(request.Messages!);
        ChatOptions chatOptions = OptionsMapping.Create(request);
        IChatClient client = context.RequestServices.GetRequiredKeyedService<IChatClient>(model.ServiceKey);
        var answer = new AnswerMapping(model.Id, timeProvider.GetUtcNow());
        using ServerMetrics.RequestMeasurement measurement = metrics.Begin(model.Id);
        IAsyncEnumerable<ChatResponseUpdate> updates = Measured(
            client.GetStreamingResponseAsync(messages, chatOptions, context.RequestAborted), measurement, context.RequestAborted);
        if (request.Stream == true)
        {
            await stream.SendAsync(context, updates, answer, request.StreamOptions?.IncludeUsage == true).ConfigureAwait(false);
        }
        else
        {
            ChatResponse response = await updates.ToChatResponseAsync(context.RequestAborted).ConfigureAwait(false);
            await context.Response.WriteAsJsonAsync(
                answer.Whole(response), WireJson.Answers.ChatCompletion, cancellationToken: context.RequestAborted).ConfigureAwait(false);
        }
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> Measured(
        IAsyncEnumerable<ChatResponseUpdate> updates,
        ServerMetrics.RequestMeasurement measurement,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (ChatResponseUpdate update in updates.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            measurement.Answering();
            foreach (AIContent content in update.Contents)
            {
                if (content is UsageContent usage)
                {
                    measurement.Count(usage.Details);
                }
            }

            yield return update;
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
}
