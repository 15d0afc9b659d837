using Microsoft.Agents.AI.Workflows;

namespace PlanAndExecute;

/// <summary>What a person is asked: for a plan or for a call.</summary>
internal static class Question
{
    /// <returns>The question; <see langword="null"/> if it is of another kind, which only its port tells where it comes from a checkpoint.</returns>
    public static T? Of<T>(ExternalRequest request)
        where T : class => request.PortInfo.RequestType.IsMatch<T>() && request.TryGetDataAs(out T? data) ? data : null;
}
