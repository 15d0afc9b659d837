using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Qwen3.Agents.Tests;

/// <summary>Each limit ends the workflow with what was achieved and says which it was.</summary>
public sealed class LimitTests(AgentModels models) : IClassFixture<AgentModels>
{
    private readonly NanoFunctions _functions = new();

    [Fact]
    public async Task Tokens()
    {
        using Qwen3Workflow workflow = NanoWorkflow.Create(models, _functions, options => options.Limits.MaxTokens = 750);
        Qwen3WorkflowResult result = await workflow.RunAsync(Goals.TwoThenSend);
        Assert.Equal(StopReason.Tokens, result.StopReason);
        Assert.True(result.Tokens >= 750);
        Assert.Equal(3, result.Steps.Length);
        Assert.Contains("tokens, and 750 are allowed.", result.Answer);
        Assert.Contains("Not done:\n", result.Answer);
    }

    [Fact]
    public async Task Time_while_a_function_runs_and_does_not_come_back()
    {
        var clock = new FakeTimeProvider();
        var never = new TaskCompletionSource();
        _functions.WhenWeather = (city, _) =>
        {
            if (city != "Rome")
            {
                return Task.CompletedTask;
            }

            clock.Advance(TimeSpan.FromMinutes(5));
            return never.Task;
        };
        using Qwen3Workflow workflow = NanoWorkflow.Create(models, _functions, options =>
        {
            options.TimeProvider = clock;
            options.Limits.MaxTime = TimeSpan.FromMinutes(5);
            options.Limits.MaxParallelSteps = 1;
        });
        Qwen3WorkflowResult result = await workflow.RunAsync(Goals.TwoThenSend);

        Assert.Equal(StopReason.Time, result.StopReason);
        Assert.Equal(TimeSpan.FromMinutes(5), result.Time);
        Assert.StartsWith("The goal was not reached. The time was up (00:05:00).", result.Answer);
        Assert.Contains("Done:\n1. It is sunny in Paris with 21 degrees.", result.Answer);
        Assert.Contains("Not done:\n2. Get the weather in Rome", result.Answer);
    }

    [Fact]
    public async Task Steps_of_all_plans_together()
    {
        _functions.WhenWeather = (city, _) => city == "Rome" ? throw new InvalidOperationException("The service is down.") : Task.CompletedTask;
        using Qwen3Workflow workflow = NanoWorkflow.Create(models, _functions, options => (options.Limits.MaxSteps, options.Limits.MaxAttempts) = (2, 1));
        Qwen3WorkflowResult refused = await workflow.RunAsync(Goals.TwoThenSend);
        Assert.Equal(StopReason.Steps, refused.StopReason);
        Assert.Contains("It would take 3 steps, and 2 are allowed.", refused.Answer);
        Assert.Empty(_functions.Calls);
    }

    [Fact]
    public async Task Rounds_of_calls_in_a_step()
    {
        int asked = 0;
        IChatClient instruct = models.Instruct.AsBuilder().Use(
            (_, _, _, _) => throw new NotSupportedException(),
            (_, _, _, _) => new[] { Call($"{asked++}") }.ToAsyncEnumerable()).Build();
        using Qwen3Workflow workflow = NanoWorkflow.Create(models.Thinking, instruct, _functions, options =>
        {
            options.MaxRounds = 3;
            options.Limits.MaxReplans = 0;
            options.Limits.MaxAttempts = 1;
            options.Limits.MaxParallelSteps = 1;
        });
        Qwen3WorkflowResult result = await workflow.RunAsync(Goals.TwoThenSend);
        Assert.Equal(StopReason.Replans, result.StopReason);
        Assert.StartsWith("The model wants to call functions once more after 3 rounds of calls.", result.Steps[0].Error);
        Assert.Equal((4, 3), (asked, _functions.Calls.Count));

        static ChatResponseUpdate Call(string id) => new(ChatRole.Assistant, [new FunctionCallContent(id, "Weather_GetWeather", new Dictionary<string, object?> { ["city"] = "Paris" })]);
    }

    [Fact]
    public void Options_that_cannot_be_are_named()
    {
        OptionsValidationException e = Assert.Throws<OptionsValidationException>(() => NanoWorkflow.Create(models, _functions, options =>
        {
            options.MaxPlanSteps = 0;
            options.Limits.MaxTime = TimeSpan.Zero;
            options.Tools = [_functions.Weather, _functions.Weather];
        }));
        Assert.Equal(
            [
                "MaxPlanSteps is 0, and must be at least 1.",
                "Limits.MaxTime is 00:00:00, and must be more than nothing.",
                "2 tools have the name Weather_GetWeather: the model could not tell them apart.",
            ],
            e.Failures);
    }
}
