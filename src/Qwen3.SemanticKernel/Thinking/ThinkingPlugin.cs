using System.ComponentModel;
using System.Text;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Qwen3.SemanticKernel.Mapping;

namespace Qwen3.SemanticKernel.Thinking;

/// <summary>The functions by which another model asks a Thinking model.</summary>
/// <param name="findClient">Finds the client of the Thinking model.</param>
/// <param name="settings">The settings of its requests.</param>
/// <param name="pluginName">The name of the plugin in the kernel.</param>
internal sealed class ThinkingPlugin(
    Func<Kernel, IChatClient> findClient,
    Qwen3PromptExecutionSettings settings,
    string pluginName)
{
    private const string Planner =
        """
        You are a planner. Break the user's goal down into a few steps, each a task that can be carried out by itself and says all that it takes.
        Answer with JSON: {"steps": [{"id": 1, "task": "...", "dependsOn": []}, {"id": 2, "task": "...", "dependsOn": [1]}]}
        dependsOn has the ids of the earlier steps whose results a step needs.
        """;

    private static readonly ChatResponseFormat s_plan = ChatResponseFormat.ForJsonSchema(
        System.Text.Json.JsonElement.Parse(
            """
            {
              "type": "object",
              "properties": {
                "steps": {
                  "type": "array",
                  "minItems": 1,
                  "items": {
                    "type": "object",
                    "properties": {
                      "id": {"type": "integer"},
                      "task": {"type": "string", "minLength": 1},
                      "dependsOn": {"type": "array", "items": {"type": "integer"}}
                    },
                    "required": ["id", "task", "dependsOn"]
                  }
                }
              },
              "required": ["steps"]
            }
            """));

    [KernelFunction("SolveHardQuestion")]
    [Description(
        "Solves a hard question by thinking it through: mathematics, logic, code, anything that takes several steps. " +
        "Returns the answer.")]
    public Task<string> SolveHardQuestionAsync(
        Kernel kernel,
        [Description("The whole question, with every fact that it needs")] string question,
        CancellationToken cancellationToken) =>
        AskAsync(kernel, [new(ChatRole.User, question)], settings, cancellationToken);

    [KernelFunction("MakePlan")]
    [Description(
        "Makes a plan for a goal that takes several steps. " +
        "Returns JSON: steps with an id, a task and the ids of the steps that it depends on.")]
    public Task<string> MakePlanAsync(
        Kernel kernel,
        [Description("The goal, with every fact that it needs")] string goal,
        CancellationToken cancellationToken)
    {
        var planSettings = (Qwen3PromptExecutionSettings)settings.Clone();
        planSettings.ResponseFormat = s_plan;
        // Programs read a plan.
        planSettings.ReasoningOutput = ReasoningOutput.None;
        return AskAsync(
            kernel,
            [new(ChatRole.System, Planner + Functions(kernel)), new(ChatRole.User, goal)],
            planSettings,
            cancellationToken);
    }

    /// <summary>The names and descriptions of the kernel's other functions, for the steps of a plan.</summary>
    private string Functions(Kernel kernel)
    {
        var text = new StringBuilder();
        foreach (
            KernelFunction function in kernel
                .Plugins.Where(plugin => plugin.Name != pluginName)
                .SelectMany(plugin => plugin))
        {
            text.Append(text.Length == 0 ? "\n\nFunctions for the steps:\n" : "\n")
                .Append("- ")
                .Append(FunctionNames.Join(function.PluginName, function.Name))
                .Append(": ")
                .Append(function.Description);
        }

        return text.ToString();
    }

    private async Task<string> AskAsync(
        Kernel kernel,
        ChatMessage[] messages,
        Qwen3PromptExecutionSettings request,
        CancellationToken cancellationToken)
    {
        IChatClient client = findClient(kernel);
        ChatResponse response = await client
            .GetResponseAsync(messages, request.ToChatOptions(kernel: null), cancellationToken)
            .ConfigureAwait(false);
        if (response.FinishReason == ChatFinishReason.Length)
        {
            throw new KernelException(
                "The answer of the Thinking model reached its maximum number of tokens. Raise MaxTokens or lower " +
                $"ThinkingBudget in the settings of the plugin {pluginName}, or give the model a larger context.");
        }

        string reasoning = request.ReasoningOutput is null or ReasoningOutput.None
            ? ""
            : string.Concat(
                response
                    .Messages.SelectMany(message => message.Contents)
                    .OfType<TextReasoningContent>()
                    .Select(content => content.Text));
        return reasoning.Length == 0 ? response.Text : $"Reasoning: {reasoning}\n\nAnswer: {response.Text}";
    }
}
