using System.Collections.Concurrent;
using System.Diagnostics;

namespace Qwen3.Agents.Tests;

/// <summary>The spans of a workflow.</summary>
public sealed class TelemetryTests(AgentModels models)
{
    [Fact]
    public async Task A_run_that_does_not_reach_its_goal_is_an_error_in_its_span()
    {
        ConcurrentBag<Activity> stopped = [];
        using ActivityListener listener = Listen(stopped);
        var functions = new NanoFunctions { WhenWeather = (_, _) => throw new InvalidOperationException("The service is down.") };
        using Qwen3Workflow workflow = NanoWorkflow.Create(
            models, functions, options => (options.Name, options.Limits.MaxAttempts, options.Limits.MaxReplans) = ("Failing", 1, 0));
        await workflow.WatchAsync(Goals.TwoThenSend);

        Activity root = Assert.Single(stopped, activity => activity.OperationName == "invoke_workflow Failing");
        Assert.Equal(ActivityStatusCode.Error, root.Status);
        Assert.StartsWith("Step 1 (Get the weather in Paris) has failed", root.StatusDescription);
    }

    [Fact]
    public async Task The_spans_of_a_run_are_a_tree()
    {
        ConcurrentBag<Activity> stopped = [];
        using ActivityListener listener = Listen(stopped);
        var functions = new NanoFunctions();
        using (Qwen3Workflow workflow = NanoWorkflow.Create(models, functions))
        {
            await workflow.WatchAsync(Goals.TwoThenSend);
        }

        Activity root = Assert.Single(stopped, activity => activity.OperationName == "invoke_workflow Qwen3");
        Assert.Null(root.ParentId);
        Assert.Equal(ActivityStatusCode.Unset, root.Status);
        Assert.Equal(["answer", "plan", "step 1", "step 2", "step 3"], Children(root));
        foreach ((string step, string tool) in (ReadOnlySpan<(string, string)>)[("step 1", "Weather_GetWeather"), ("step 3", "Mail_SendMessage")])
        {
            string[] children = Children(stopped.Single(activity => activity.OperationName == step));
            Assert.Equal(3, children.Length);
            Assert.All(children[..2], child => Assert.StartsWith("chat ", child));
            Assert.Equal($"execute_tool {tool}", children[2]);
        }

        Assert.StartsWith("chat ", Assert.Single(Children(stopped.Single(activity => activity.OperationName == "plan"))));
        Assert.StartsWith("chat ", Assert.Single(Children(stopped.Single(activity => activity.OperationName == "answer"))));

        string[] Children(Activity parent) =>
            [.. stopped.Where(activity => activity.ParentId == parent.Id).Select(activity => activity.OperationName).Order(StringComparer.Ordinal)];
    }

    private static ActivityListener Listen(ConcurrentBag<Activity> stopped)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Qwen3.Agents",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = stopped.Add,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }
}
