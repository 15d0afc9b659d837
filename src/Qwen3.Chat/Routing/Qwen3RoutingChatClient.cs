using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Qwen3.Chat.Routing;

namespace Qwen3.Chat;

/// <summary>
/// Routes each request to one of two models: to the thinking model, or to the instruct model, which answers at once.
/// </summary>
/// <remarks>
/// <para>The first of these decides:</para>
/// <list type="number">
/// <item><description>
/// Tool results at the end of the request: they go to the model that made the calls, so that a loop of calls stays with
/// one model. Each <see cref="FunctionCallContent"/> records its model as <c>qwen3_caller_thinks</c>.
/// </description></item>
/// <item><description>
/// The last soft switch, <c>/think</c> or <c>/no_think</c>, at the end of a user or system message or of
/// <see cref="ChatOptions.Instructions"/>.
/// </description></item>
/// <item><description>
/// <see cref="Qwen3OptionNames.ThinkingBudget"/> or else <see cref="ReasoningOptions.Effort"/>: 0 and
/// <see cref="ReasoningEffort.None"/> select the instruct model, other values the thinking model.
/// </description></item>
/// <item><description><see cref="Qwen3RoutingChatClientOptions.ThinksByDefault"/>.</description></item>
/// </list>
/// <para>
/// A switch is a separate word outside of code, quotations and <c>&gt;</c> lines. It applies until the next one. The
/// 2507 models were not trained on switches: they are removed from the messages that are sent. The caller's messages
/// and options are not changed. <see cref="ChatResponse.ModelId"/> names the model that answered.
/// </para>
/// <para>
/// <c>FunctionInvokingChatClient</c> can wrap this client or each of the two. Safe for concurrent use if both clients
/// are.
/// </para>
/// </remarks>
public sealed class Qwen3RoutingChatClient : IChatClient
{
    private readonly bool _thinksByDefault;
    private readonly bool _ownsClients;

    /// <summary>Initializes a new instance of the <see cref="Qwen3RoutingChatClient"/> class.</summary>
    /// <param name="thinking">The client of the thinking model.</param>
    /// <param name="instruct">The client of the instruct model.</param>
    /// <param name="options">The options, or <see langword="null"/> for the defaults. They are copied.</param>
    public Qwen3RoutingChatClient(
        IChatClient thinking, IChatClient instruct, Qwen3RoutingChatClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(thinking);
        ArgumentNullException.ThrowIfNull(instruct);
        Thinking = thinking;
        Instruct = instruct;
        _thinksByDefault = options?.ThinksByDefault ?? false;
        _ownsClients = options?.OwnsClients ?? false;
    }

    /// <summary>Gets the client of the thinking model.</summary>
    public IChatClient Thinking { get; }

    /// <summary>Gets the client of the instruct model.</summary>
    public IChatClient Instruct { get; }

    private IChatClient Default => _thinksByDefault ? Thinking : Instruct;

    private IChatClient Other => _thinksByDefault ? Instruct : Thinking;

    /// <summary>Answers a conversation with one of the two models.</summary>
    /// <param name="messages">The whole conversation.</param>
    /// <param name="options">
    /// The options, which are sent without those that would turn the thinking model's thinking off.
    /// </param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The model's response.</returns>
    /// <exception cref="ArgumentException"><c>thinking_budget</c> is not a number of tokens.</exception>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var route = Route.For(messages, options, _thinksByDefault);
        IChatClient model = ModelOf(route);
        ChatResponse response =
            await model.GetResponseAsync(route.Messages, route.Options, cancellationToken).ConfigureAwait(false);
        response.ModelId ??= DefaultModelId(model);
        foreach (ChatMessage message in response.Messages)
        {
            route.Mark(message.Contents);
        }

        return response;
    }

    /// <summary>Answers a conversation with one of the two models, as a stream.</summary>
    /// <returns>The model's updates.</returns>
    /// <inheritdoc cref="GetResponseAsync"/>
    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return AnswerAsync(Route.For(messages, options, _thinksByDefault), cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Other services, such as <see cref="ChatClientMetadata"/>, come from the client of the default model, or else
    /// from the other one.
    /// </remarks>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is null && serviceType.IsInstanceOfType(this)
            ? this
            : Default.GetService(serviceType, serviceKey) ?? Other.GetService(serviceType, serviceKey);
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

    private async IAsyncEnumerable<ChatResponseUpdate> AnswerAsync(
        Route route, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IChatClient model = ModelOf(route);
        IAsyncEnumerable<ChatResponseUpdate> updates =
            model.GetStreamingResponseAsync(route.Messages, route.Options, cancellationToken);
        await foreach (ChatResponseUpdate update in updates.ConfigureAwait(false))
        {
            update.ModelId ??= DefaultModelId(model);
            route.Mark(update.Contents);
            yield return update;
        }
    }
}

/// <summary>Options of a <see cref="Qwen3RoutingChatClient"/>.</summary>
public sealed class Qwen3RoutingChatClientOptions
{
    /// <summary>
    /// Gets or sets a value indicating whether a request that does not mention thinking goes to the thinking model. The
    /// default is <see langword="false"/>: it goes to the instruct model.
    /// </summary>
    public bool ThinksByDefault { get; set; }

    /// <summary>
    /// Gets or sets a value indicating whether disposing the client disposes the two clients. The default is
    /// <see langword="false"/>.
    /// </summary>
    public bool OwnsClients { get; set; }
}
