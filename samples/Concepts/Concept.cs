namespace Concepts;

/// <summary>One sample.</summary>
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
        new("DependencyInjection", "a service of a host uses the model, and logs", DependencyInjection.RunAsync),
        new("Reducers", "a long conversation is reduced to its last messages", Reducers.RunAsync),
        new("StructuredOutput", "an answer that is always a record", StructuredOutput.RunAsync),
        new("Reasoning", "the reasoning of a model, and a budget for it", Reasoning.RunAsync),
    ];

    /// <summary>The concept of a name, or all concepts for <c>all</c>; empty if there is no such concept.</summary>
    public static IReadOnlyList<Concept> Find(string name) =>
        name.Equals("all", StringComparison.OrdinalIgnoreCase)
            ? All
            : [.. All.Where(concept => concept.Name.Equals(name, StringComparison.OrdinalIgnoreCase))];
}
