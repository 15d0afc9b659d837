namespace Qwen3.Agents;

/// <summary>
/// How far a <see cref="Qwen3Workflow"/> may go for one goal. Where one is reached, the workflow ends with what it has and says which it was.
/// </summary>
public sealed class WorkflowLimits
{
    /// <summary>Gets or sets how many steps may be carried out, those of new plans included. The default is 16.</summary>
    public int MaxSteps { get; set; } = 16;

    /// <summary>
    /// Gets or sets how many steps run at the same time. The default, 4, is as many requests as an engine computes together by default.
    /// </summary>
    public int MaxParallelSteps { get; set; } = 4;

    /// <summary>Gets or sets how many times a step is attempted before it has failed. The default is 2.</summary>
    public int MaxAttempts { get; set; } = 2;

    /// <summary>
    /// Gets or sets how many times a new plan is made when a step has failed, or a person refused one and said why. The default is 2.
    /// </summary>
    public int MaxReplans { get; set; } = 2;

    /// <summary>
    /// Gets or sets how many tokens the models may compute, written ones and those read that were not in the cache. The default,
    /// <see langword="null"/>, is no limit. It is looked at after each answer of a model, and no answer is allowed more than is left; each repair of a plan
    /// is allowed as much as the plan was.
    /// </summary>
    public long? MaxTokens { get; set; }

    /// <summary>
    /// Gets or sets how long the workflow may take, without the time that it waits for a person or is not running. The default,
    /// <see langword="null"/>, is no limit.
    /// </summary>
    public TimeSpan? MaxTime { get; set; }
}
