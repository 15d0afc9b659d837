using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;

namespace MultiAgent;

/// <summary>Three agents over one model, each with its own instructions and functions.</summary>
/// <param name="model">The model.</param>
/// <param name="options">How it is sampled.</param>
/// <param name="ifMoreIsNeeded">What the writer does if it has to know more; none where it can hand over or has to do with what there is.</param>
internal sealed class Specialists(IChatClient model, ChatOptions options, string ifMoreIsNeeded = "")
{
    public AIAgent Planner { get; } = Create(
        model,
        options,
        "planner",
        "Decides what has to be looked up for a question.",
        $"""
        You plan how a question is answered from the company's documents. Name in a few lines what has to be looked up in which of them.
        Do not answer the question: a researcher looks up what you name, and a writer answers from that.

        The documents:
        {DocumentStore.Titles}
        """);

    public AIAgent Researcher { get; } = Create(
        model,
        options,
        "researcher",
        "Looks things up in the company's documents.",
        """
        You look things up in the company's documents for a question and its plan.
        Search as often as it takes, with other words where nothing is found.
        Report what the documents say, with all numbers and conditions, and name what they do not say. Add nothing of your own: a writer answers.
        """,
        AIFunctionFactory.Create(DocumentStore.Search, "Documents_Search"));

    public AIAgent Writer { get; } = Create(
        model,
        options,
        "writer",
        "Writes the answer from what was found.",
        $"""
        You answer the user's question from what the researcher has found, and from nothing else. Be brief and friendly, and say what is not known.
        {ifMoreIsNeeded}
        """,
        AIFunctionFactory.Create(() => $"{TimeProvider.System.GetLocalNow():D}", "Calendar_Today", "Gets today's date."));

    private static ChatClientAgent Create(
        IChatClient model, ChatOptions options, string name, string description, string instructions, params AITool[] functions)
    {
        ChatOptions own = options.Clone();
        own.Instructions = instructions.TrimEnd();
        own.Tools = [.. functions];
        return new(model, new ChatClientAgentOptions { Name = name, Description = description, ChatOptions = own });
    }
}
