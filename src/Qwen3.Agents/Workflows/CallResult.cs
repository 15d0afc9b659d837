using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>What a call came to.</summary>
internal sealed record CallResult(FunctionResultContent Content, bool HasFailed)
{
    /// <summary>Gets a value indicating whether a person refused the call.</summary>
    public bool IsRefused { get; init; }
}
