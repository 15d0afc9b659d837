using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.AI;

namespace MultiAgent;

/// <summary>The ways in which the three work together.</summary>
internal static class Patterns
{
    private const string More = "MORE:";

    public static Workflow Build(string pattern, IChatClient model, ChatOptions options) => pattern switch
    {
        "handoff" => Handoff(new(model, options)),
        "groupchat" => GroupChat(new(model, options, $"If something has to be looked up first, write {More} and what it is, and nothing else.")),
        _ => InOrder(new(model, options)),
    };

    /// <summary>Whoever has the conversation decides who has it next, by calling a function; who calls none has answered.</summary>
    private static Workflow Handoff(Specialists specialists) => AgentWorkflowBuilder
        .CreateHandoffBuilderWith(specialists.Planner)
        .WithHandoff(specialists.Planner, specialists.Researcher, "To be called as soon as it is clear what has to be looked up.")
        .WithHandoff(specialists.Researcher, specialists.Writer, "To be called when all has been looked up.")
        .WithHandoff(specialists.Writer, specialists.Researcher, "To be called if something else has to be looked up first.")
        .Build();

    /// <summary>All hear everything and speak in turn, until the writer has all it needs.</summary>
    private static Workflow GroupChat(Specialists specialists) => AgentWorkflowBuilder
        .CreateGroupChatBuilderWith(agents => new RoundRobinGroupChatManager(agents, (_, history, _) => new(
            history.Last() is var last && last.AuthorName == specialists.Writer.Name && !last.Text.StartsWith(More, StringComparison.Ordinal)))
        {
            MaximumIterationCount = 6,
        })
        .AddParticipants(specialists.Planner, specialists.Researcher, specialists.Writer)
        .Build();

    /// <summary>Each works on what the ones before it have written.</summary>
    private static Workflow InOrder(Specialists specialists) => AgentWorkflowBuilder
        .BuildSequential(specialists.Planner, specialists.Researcher, specialists.Writer);
}
