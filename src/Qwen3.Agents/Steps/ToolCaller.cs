using System.Diagnostics;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>Executes tool calls.</summary>
internal sealed class ToolCaller(WorkflowSetup setup)
{
    /// <summary>Returns whether a call needs approval. A call that cannot be executed does not.</summary>
    public bool NeedsApproval(FunctionCallContent call) => call.Exception is null && Find(call)?.GetService<ApprovalRequiredAIFunction>() is not null;

    public async Task<CallResult> CallAsync(
        FunctionCallContent call, ApprovalDecision? decision, CancellationToken cancellationToken)
    {
        if (decision is { Approved: false })
        {
            return Result($"The user refused this call. It was not executed. {decision.Reason}".TrimEnd(), hasFailed: false) with { IsRefused = true };
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
        // A function that blocks its thread must delay neither other calls nor the end of the workflow.
        Task<object?> calling = Task.Run(
            () => ScopedCall.InvokeAsync(function, new(call.Arguments), setup.Executor.Options.Services, cancellationToken).AsTask(), CancellationToken.None);
        object? value;
        try
        {
            value = await calling.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // A function that ignores its token is left running.
            _ = calling.ContinueWith(
                left => setup.Log.CallFailed(left.Exception!.InnerException!, call.Name),
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted,
                TaskScheduler.Default);
            throw;
        }
        catch (Exception e)
        {
            setup.Log.CallFailed(e, call.Name);
            activity?.SetStatus(ActivityStatusCode.Error, e.Message);
            return Result($"Error: {e.Message}", hasFailed: true);
        }

        try
        {
            // In the form in which a checkpoint returns it, so that a resumed step reads what it would have read.
            return Result(
                await FunctionResult.ConvertAsync(value, function.JsonSerializerOptions, cancellationToken).ConfigureAwait(false),
                hasFailed: false);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // The function was executed, although its result cannot be serialized; it must not be executed again.
            setup.Log.CallFailed(e, call.Name);
            return Result($"The function was called, but what it returned cannot be shown: {e.Message}", hasFailed: false);
        }

        CallResult Result(object? value, bool hasFailed) => new(new(call.CallId, value), hasFailed);
    }

    private AIFunction? Find(FunctionCallContent call) =>
        setup.Executor.Options.Tools.OfType<AIFunction>().FirstOrDefault(tool => tool.Name == call.Name);
}
