using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>An agent that carries out one step at a time with the functions that it has, best on an Instruct model.</summary>
/// <remarks>
/// An agent like any other: with sessions, alone or in a workflow, calling its functions itself. <see cref="Qwen3Workflow"/> takes model and
/// functions from it and calls them one by one, so as to be able to stop and resume in between. Safe for concurrent use. The client stays the
/// caller's.
/// </remarks>
public sealed class ExecutorAgent : DelegatingAIAgent
{
    /// <summary>Creates an executor.</summary>
    /// <param name="client">The model, without function invocation.</param>
    /// <param name="options">Its functions, and how it is asked; the defaults if <see langword="null"/>.</param>
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
