using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Qwen3.Chat.Routing;

namespace Qwen3.Chat;

/// <summary>Sends each request to one of two models: to the one that thinks, or to the one that answers at once.</summary>
/// <remarks>
/// <para>The first of these chooses:</para>
/// <list type="number">
/// <item><description>
/// The function results that end the request: they go to the model that made the calls, so that a loop of calls stays with one model. Which one
/// it was is noted on each <see cref="FunctionCallContent"/> as <c>qwen3_caller_thinks</c>.
/// </description></item>
/// <item><description>
/// The last of the soft switches <c>/think</c> and <c>/no_think</c> at the end of a user or system message or of <see cref="ChatOptions.Instructions"/>.
/// </description></item>
/// <item><description>
/// <c>thinking_budget</c> in <see cref="ChatOptions.AdditionalProperties"/> or else <see cref="ReasoningOptions.Effort"/>: 0 and
/// <see cref="ReasoningEffort.None"/> are the instruct model, any other the thinking one.
/// </description></item>
/// <item><description><see cref="Qwen3RoutingChatClientOptions.ThinksByDefault"/>.</description></item>
/// </list>
/// <para>
/// A switch is a word of its own, and holds for later messages too until there is another one. Qwen3-4B-Thinking-2507 and
/// Qwen3-4B-Instruct-2507 were not trained on switches: they are taken off the ends of the messages that are sent on. The caller's messages
/// and options stay as they are. <see cref="ChatResponse.ModelId"/> tells which model answered.
/// </para>
/// <para>
/// <c>FunctionInvokingChatClient</c> may stand around this client or around each model inside. Safe for concurrent use if both are.
/// </para>
/// </remarks>
public sealed class Qwen3RoutingChatClient : IChatClient
{
    private readonly bool _thinksByDefault;
    private readonly bool _ownsClients;

    /// <summary>Creates a client over two others.</summary>
    /// <param name="thinking">The client of the model that thinks.</param>
    /// <param name="instruct">The client of the model that answers at once.</param>
    /// <param name="options">How to choose; the defaults if <see langword="null"/>. Later changes of it are not seen.</param>
    public Qwen3RoutingChatClient(IChatClient thinking, IChatClient instruct, Qwen3RoutingChatClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(thinking);
        ArgumentNullException.ThrowIfNull(instruct);
        Thinking = thinking;
        Instruct = instruct;
        _thinksByDefault = options?.ThinksByDefault ?? false;
        _ownsClients = options?.OwnsClients ?? false;
    }

    /// <summary>Gets the client of the model that thinks.</summary>
    public IChatClient Thinking { get; }

    /// <summary>Gets the client of the model that answers at once.</summary>
    public IChatClient Instruct { get; }

    private IChatClient Default => _thinksByDefault ? Thinking : Instruct;

    /// <summary>Has one of the two models answer a conversation.</summary>
    /// <param name="messages">The whole conversation.</param>
    /// <param name="options">What the request sets; sent on, less what would keep the thinking model from thinking.</param>
    /// <param name="cancellationToken">Stops the computation.</param>
    /// <returns>The model's response.</returns>
    /// <exception cref="ArgumentException"><c>thinking_budget</c> is no number of tokens.</exception>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var route = Route.Of(messages, options, _thinksByDefault);
        IChatClient model = ModelOf(route);
        ChatResponse response = await model.GetResponseAsync(route.Messages, route.Options, cancellationToken).ConfigureAwait(false);
        response.ModelId ??= DefaultModelId(model);
        foreach (ChatMessage message in response.Messages)
        {
            route.Mark(message.Contents);
        }

        return response;
    }

    /// <summary>Has one of the two models answer a conversation as the tokens come.</summary>
    /// <returns>The model's updates.</returns>
    /// <inheritdoc cref="GetResponseAsync"/>
    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return AnswerAsync(Route.Of(messages, options, _thinksByDefault), cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// What is not this client itself comes from the model to which requests go by default, the <see cref="ChatClientMetadata"/> among it, or
    /// else from the other one.
    /// </remarks>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is null && serviceType.IsInstanceOfType(this)
            ? this
            : Default.GetService(serviceType, serviceKey) ?? (_thinksByDefault ? Instruct : Thinking).GetService(serviceType, serviceKey);
    }

    /// <summary>Disposes the two models' clients if this client owns them.</summary>
    public void Dispose()
    {
        if (_ownsClients)
        {
            Thinking.Dispose();
            Instruct.Dispose();
        }
    }

    private static string? DefaultModelId(IChatClient model) => model.GetService<ChatClientMetadata>()?.DefaultModelId;

    private IChatClient ModelOf(Route route) => route.Thinks ? Thinking : Instruct;

    private async IAsyncEnumerable<ChatResponseUpdate> AnswerAsync(Route route, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IChatClient model = ModelOf(route);
        await foreach (ChatResponseUpdate update in model.GetStreamingResponseAsync(route.Messages, route.Options, cancellationToken).ConfigureAwait(false))
        {
            update.ModelId ??= DefaultModelId(model);
            route.Mark(update.Contents);
            yield return update;
        }
    }
}

/// <summary>How a <see cref="Qwen3RoutingChatClient"/> chooses.</summary>
public sealed class Qwen3RoutingChatClientOptions
{
    /// <summary>Gets or sets whether a request that says nothing about thinking goes to the thinking model. The default is no: to the instruct model.</summary>
    public bool ThinksByDefault { get; set; }

    /// <summary>Gets or sets whether disposing the client disposes the two that it chooses from. The default is no.</summary>
    public bool OwnsClients { get; set; }
}
