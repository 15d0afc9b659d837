using Microsoft.Extensions.Options;

namespace Qwen3.Agents;

/// <summary>Validates the options of a workflow.</summary>
internal sealed class WorkflowOptionsValidator : IValidateOptions<Qwen3WorkflowOptions>
{
    // A timer takes no more than 49 days.
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(49);

    public static void ThrowIfWrong(Qwen3WorkflowOptions options)
    {
        if (new WorkflowOptionsValidator().Validate(Options.DefaultName, options) is { Failed: true, Failures: var failures })
        {
            throw new OptionsValidationException(Options.DefaultName, typeof(Qwen3WorkflowOptions), failures);
        }
    }

    public ValidateOptionsResult Validate(string? name, Qwen3WorkflowOptions options)
    {
        WorkflowLimits limits = options.Limits;
        string[] failures =
        [
            .. AtLeast(nameof(options.MaxPlanSteps), options.MaxPlanSteps, 1),
            .. AtLeast(nameof(options.MaxPlanRepairs), options.MaxPlanRepairs, 0),
            .. AtLeast(nameof(options.MaxRounds), options.MaxRounds, 1),
            .. AtLeast("Limits.MaxSteps", limits.MaxSteps, 1),
            .. AtLeast("Limits.MaxParallelSteps", limits.MaxParallelSteps, 1),
            .. AtLeast("Limits.MaxAttempts", limits.MaxAttempts, 1),
            .. AtLeast("Limits.MaxReplans", limits.MaxReplans, 0),
            .. AtLeast("Limits.MaxTokens", limits.MaxTokens ?? 1, 1),
            .. limits.MaxTime is { } time && (time <= TimeSpan.Zero || time > s_longest)
                ? (string[])[$"Limits.MaxTime is {time}, and must be more than nothing and at most {s_longest.Days} days."] : [],
            .. options.Tools.GroupBy(tool => tool.Name).Where(same => same.Count() > 1)
                .Select(same => $"{same.Count()} tools have the name {same.Key}: the model could not tell them apart."),
        ];
        return failures.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        static IEnumerable<string> AtLeast(string option, long value, long least) =>
            value >= least ? [] : [$"{option} is {value}, and must be at least {least}."];
    }
}
