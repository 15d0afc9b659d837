using Microsoft.Extensions.Logging;

namespace Qwen3.Agents;

/// <summary>The log messages of a workflow.</summary>
internal sealed partial class WorkflowLog(ILogger logger)
{
    private readonly ILogger _logger = logger;

    [LoggerMessage(LogLevel.Warning, "An attempt at step {Step} failed.")]
    public partial void StepFailed(Exception exception, int step);

    [LoggerMessage(LogLevel.Warning, "The function {Function} threw; the model reads the error.")]
    public partial void CallFailed(Exception exception, string function);

    [LoggerMessage(LogLevel.Warning, "The planner failed; the workflow ends.")]
    public partial void PlannerFailed(Exception exception);

    [LoggerMessage(LogLevel.Warning, "The model that writes the answer failed; the workflow ends with the results.")]
    public partial void AnswerFailed(Exception exception);
}
