namespace Qwen3.Agents.Tests;

/// <summary>Goals of which the nano planner makes the plans that their names say.</summary>
internal static class Goals
{
    public const string OneThenSend = "Get the weather in Paris, then send a summary to Anna.";
    public const string TwoThenSend = "Get the weather in Paris and Rome, then send a summary to Anna.";
    public const string LondonThenSend = "Get the weather in London and Berlin, then send a summary to Ben.";
    public const string TwoThenSendPlan =
        """plan {"steps": [{"id": 1, "task": "Get the weather in Paris", "dependsOn": []}, """ +
        """{"id": 2, "task": "Get the weather in Rome", "dependsOn": []}, {"id": 3, "task": "Send a summary to Anna", "dependsOn": [1, 2]}]}""";
    public const string ThreeThenSend = "Get the weather in Paris, Rome and Hanoi, then send a summary to Anna.";
}
