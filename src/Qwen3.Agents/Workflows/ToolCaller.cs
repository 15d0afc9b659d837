using System.Diagnostics;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>Makes the calls that a model asks for.</summary>
internal sealed class ToolCaller(WorkflowSetup setup)
{
    /// <summary>Whether a person is to be asked; not about a call that cannot be made.</summary>
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
        // One that does not return before it is done holds up neither the calls beside it nor the end of the workflow.
        Task<object?> calling = Task.Run(
            () => ScopedCall.InvokeAsync(function, new(call.Arguments), setup.Executor.Options.Services, cancellationToken).AsTask(), CancellationToken.None);
        object? value;
        try
        {
            value = await calling.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // A function that does not heed its token is left to itself.
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
            // Whatever its result throws when it is read, the function has been called, and is not to be called again.
            setup.Log.CallFailed(e, call.Name);
            return Result($"The function was called, but what it returned cannot be shown: {e.Message}", hasFailed: false);
        }

        CallResult Result(object? value, bool hasFailed) => new(new(call.CallId, value), hasFailed);
    }

    private AIFunction? Find(FunctionCallContent call) =>
        setup.Executor.Options.Tools.OfType<AIFunction>().FirstOrDefault(tool => tool.Name == call.Name);
}
