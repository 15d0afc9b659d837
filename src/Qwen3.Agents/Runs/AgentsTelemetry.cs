using System.Diagnostics;
using Microsoft.Extensions.AI;

namespace Qwen3.Agents;

/// <summary>
/// A workflow's spans, under the name <c>Qwen3.Agents</c>: workflow over plan, step and answer, and below those the models' <c>chat</c> and the
/// functions' <c>execute_tool</c>, named as OpenTelemetry's conventions for generative AI say.
/// </summary>
/// <remarks>Conventions: <see href="https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-agent-spans/"/>.</remarks>
internal sealed class AgentsTelemetry : IDisposable
{
    public const string Name = "Qwen3.Agents";

    private readonly ActivitySource _source = new(Name);

    /// <summary>Starts the span that the others are in. It outlives the call that starts it, and is never the current one.</summary>
    public Activity? StartWorkflow(string name)
    {
        Activity? current = Activity.Current;
        Activity? activity = _source.StartActivity($"invoke_workflow {name}")
            ?.SetTag("gen_ai.operation.name", "invoke_workflow").SetTag("gen_ai.workflow.name", name);
        Activity.Current = current;
        return activity;
    }

    public Activity? StartPlan(string? workflow) => Start("plan", workflow);

    public Activity? StartAnswer(string? workflow) => Start("answer", workflow);

    public Activity? StartStep(string? workflow, StepState step) => Start($"step {step.Step.Id}", workflow)
        ?.SetTag("qwen3.step.id", step.Step.Id).SetTag("qwen3.step.attempt", step.Attempts);

    public Activity? StartTool(FunctionCallContent call, AIFunction function) => _source.StartActivity($"execute_tool {call.Name}")
        ?.SetTag("gen_ai.operation.name", "execute_tool").SetTag("gen_ai.tool.name", call.Name).SetTag("gen_ai.tool.call.id", call.CallId)
        .SetTag("gen_ai.tool.description", function.Description).SetTag("gen_ai.tool.type", "function");

    public void Dispose() => _source.Dispose();

    private Activity? Start(string name, string? workflow) =>
        ActivityContext.TryParse(workflow, traceState: null, out ActivityContext parent)
            ? _source.StartActivity(name, ActivityKind.Internal, parent)
            : _source.StartActivity(name);
}
