using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>Makes the calls that a model asks for.</summary>
internal sealed class ToolCaller(WorkflowSetup setup)
{
    public bool NeedsApproval(FunctionCallContent call) => Find(call)?.GetService<ApprovalRequiredAIFunction>() is not null;

    public async Task<CallResult> CallAsync(
        FunctionCallContent call, ToolApprovalResponseContent? decision, CancellationToken cancellationToken)
    {
        if (decision is { Approved: false })
        {
            return Result($"The user refused this call. {decision.Reason}".TrimEnd(), hasFailed: false);
        }

        if (call.Exception is { } unreadable)
        {
            return Result($"Error: the arguments cannot be read: {unreadable.Message}", hasFailed: true);
        }

        if (Find(call) is not { } function)
        {
            return Result($"Error: there is no function {call.Name}.", hasFailed: true);
        }

        using Activity? activity = setup.Telemetry.StartTool(call, function);
        try
        {
            // A function that does not heed its token is left to itself, so that the workflow can end.
            Task<object?> calling = function.InvokeAsync(new(call.Arguments) { Services = setup.Services }, cancellationToken).AsTask();
            object? value = await calling.WaitAsync(cancellationToken).ConfigureAwait(false);
            return Result(Portable(value, function.JsonSerializerOptions), hasFailed: false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception e)
        {
            setup.Log.CallFailed(e, call.Name);
            activity?.SetStatus(ActivityStatusCode.Error, e.Message);
            return Result($"Error: {e.Message}", hasFailed: true);
        }

        CallResult Result(object? value, bool hasFailed) => new(new(call.CallId, value), hasFailed);
    }

    private AIFunction? Find(FunctionCallContent call) =>
        setup.Executor.Options.Tools.OfType<AIFunction>().FirstOrDefault(tool => tool.Name == call.Name);

    /// <summary>In the form in which a checkpoint gives it back, so that a step that was resumed reads what it would have read.</summary>
    private static object? Portable(object? value, JsonSerializerOptions options) => value switch
    {
        null or string or JsonElement or AIContent or IEnumerable<AIContent> => value,
        _ => JsonSerializer.SerializeToElement(value, options.GetTypeInfo(value.GetType())),
    };
}
