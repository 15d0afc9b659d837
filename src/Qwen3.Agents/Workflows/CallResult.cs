using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>What a call came to.</summary>
internal sealed record CallResult(FunctionResultContent Content, bool HasFailed);
