namespace Concepts;

/// <summary>One of the samples.</summary>
internal sealed record Concept(string Name, string Description, Func<SampleModels, Task> RunAsync)
{
    public static IReadOnlyList<Concept> All { get; } =
    [
        new("ChatCompletion", "a conversation of two turns", ChatCompletion.RunAsync),
        new("Streaming", "reasoning and answer, piece by piece", Streaming.RunAsync),
        new("FunctionCalling", "the model calls a plugin's functions", FunctionCalling.RunAsync),
        new("Filters", "the calls of a model pass through filters", Filters.RunAsync),
        new("MultipleServices", "a thinking model plans, an instruct model executes", MultipleServices.RunAsync),
        new("PromptFunctions", "a prompt with arguments, used as a function", PromptFunctions.RunAsync),
        new("DependencyInjection", "a host's service uses the model, and logs", DependencyInjection.RunAsync),
        new("Reducers", "a long conversation is cut to its last messages", Reducers.RunAsync),
        new("StructuredOutput", "an answer that is always a record", StructuredOutput.RunAsync),
        new("Reasoning", "what a model thinks, and how long it may", Reasoning.RunAsync),
    ];

    /// <summary>The concept of that name, or each of them for <c>all</c>; none if there is no such concept.</summary>
    public static IReadOnlyList<Concept> Find(string name) =>
        name.Equals("all", StringComparison.OrdinalIgnoreCase) ? All : [.. All.Where(concept => concept.Name.Equals(name, StringComparison.OrdinalIgnoreCase))];
}
