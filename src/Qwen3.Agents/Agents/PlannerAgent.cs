using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>An agent that answers a goal with a <see cref="Plan"/> in JSON. It works best with a Thinking model.</summary>
/// <remarks>
/// <para>
/// The answer's text is the plan alone, <c>{"steps": [{"id": 1, "task": "…", "dependsOn": []}, …]}</c>; the reasoning is there as
/// <see cref="TextReasoningContent"/>. A plan always parses, for the model is held to its form, and can always be carried out: one with a
/// circle, a missing step or too many of them goes back to the model with what is wrong, and only a plan that passes is answered.
/// When streaming, the reasoning comes as it is written and the plan at once.
/// </para>
/// <para>It is an ordinary agent: it has sessions and runs alone or in a workflow. Safe for concurrent use. The client is not disposed.</para>
/// </remarks>
public sealed class PlannerAgent : DelegatingAIAgent
{
    /// <summary>Initializes a new instance of the <see cref="PlannerAgent"/> class.</summary>
    /// <param name="client">The model.</param>
    /// <param name="options">The options, or <see langword="null"/> for the defaults.</param>
    public PlannerAgent(IChatClient client, PlannerAgentOptions? options = null)
        : base(Create(client ?? throw new ArgumentNullException(nameof(client)), options ??= new()))
    {
        Client = client;
        Options = options;
    }

    internal IChatClient Client { get; }

    internal PlannerAgentOptions Options { get; }

    /// <summary>Creates a plan.</summary>
    /// <param name="goal">The goal.</param>
    /// <param name="session">The conversation that the goal belongs to, or <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>A plan that can be carried out.</returns>
    /// <exception cref="PlanException">The model returned no plan that can be carried out.</exception>
    public async Task<Plan> MakePlanAsync(string goal, AgentSession? session = null, CancellationToken cancellationToken = default)
    {
        AgentResponse response = await RunAsync(goal, session, cancellationToken: cancellationToken).ConfigureAwait(false);
        return Plan.Parse(response.Text, goal);
    }

    private static ChatClientAgent Create(IChatClient client, PlannerAgentOptions options)
    {
        ChatOptions chatOptions = options.ChatOptions.Clone();
        chatOptions.Instructions = options.Prompts.PlannerInstructions(options.MaxSteps, options.Tools);
        chatOptions.Tools = null;
        return new(
            new PlanningChatClient(client, options),
            new ChatClientAgentOptions
            {
                Id = options.Id,
                Name = options.Name,
                Description = "Breaks a goal down into steps and answers with a plan in JSON.",
                ChatOptions = chatOptions,
                UseProvidedChatClientAsIs = true,
            });
    }
}
