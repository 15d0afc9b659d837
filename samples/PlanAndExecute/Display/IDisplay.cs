using Microsoft.Agents.AI.Workflows;

namespace PlanAndExecute.Display;

/// <summary>Shows what happens in a workflow.</summary>
internal interface IDisplay : IAsyncDisposable
{
    void Show(WorkflowEvent happened);

    /// <summary>Leaves the console to others until something is shown again.</summary>
    ValueTask PauseAsync();
}
