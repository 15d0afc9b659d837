using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>An agent that carries out one step of a plan with its functions. It works best with an Instruct model.</summary>
/// <remarks>
/// It is an ordinary agent: it has sessions, runs alone or in a workflow, and executes its functions itself.
/// <see cref="Qwen3Workflow"/> uses its model and functions but executes them one by one, so that it can stop and resume in
/// between. Safe for concurrent use. The client is not disposed.
/// </remarks>
public sealed class ExecutorAgent : DelegatingAIAgent
{
    /// <summary>Initializes a new instance of the <see cref="ExecutorAgent"/> class.</summary>
    /// <param name="client">The model, without function invocation.</param>
    /// <param name="options">The options, or <see langword="null"/> for the defaults.</param>
    public ExecutorAgent(IChatClient client, ExecutorAgentOptions? options = null)
        : this(new UniqueCallIdsChatClient(client ?? throw new ArgumentNullException(nameof(client))), options ?? new())
    {
    }

    private ExecutorAgent(UniqueCallIdsChatClient client, ExecutorAgentOptions options)
        : base(Create(client, options))
    {
        Client = client;
        Options = options;
    }

    /// <summary>Gets the model, with tool call ids that never repeat.</summary>
    internal IChatClient Client { get; }

    internal ExecutorAgentOptions Options { get; }

    private static ChatClientAgent Create(IChatClient client, ExecutorAgentOptions options) => new(
        client.AsBuilder().UseFunctionInvocation(configure: functions =>
        {
            functions.MaximumIterationsPerRequest = options.MaxRounds;
            functions.FunctionInvoker = (call, cancellationToken) =>
                ScopedCall.InvokeAsync(call.Function, call.Arguments, options.Services, cancellationToken);
        }).Build(),
        new ChatClientAgentOptions
        {
            Id = options.Id,
            Name = options.Name,
            Description = "Carries out a step of a plan with its functions.",
            ChatOptions = options.ToChatOptions(),
        });
}
