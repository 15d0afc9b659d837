using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Qwen3.LlamaCpp.Scheduling;

/// <summary>
/// An engine's metrics and traces, under the name <c>Qwen3.LlamaCpp</c>. Where OpenTelemetry's conventions for model servers have a name for
/// a metric, it has that name.
/// </summary>
/// <remarks>Conventions: <see href="https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/"/>.</remarks>
internal sealed class EngineTelemetry : IDisposable
{
    private const string Name = "Qwen3.LlamaCpp";

    private readonly Meter _meter = new(Name);
    private readonly ActivitySource _source = new(Name);
    private readonly KeyValuePair<string, object?> _model;
    private readonly Histogram<double> _timeToFirstToken;
    private readonly Histogram<double> _timePerOutputToken;
    private readonly Histogram<double> _requestDuration;
    private readonly Histogram<double> _promptSpeed;
    private readonly Histogram<int> _batchRequests;
    private readonly Counter<long> _promptTokens;
    private readonly Counter<long> _cachedTokens;
    private readonly Counter<long> _outputTokens;

    public EngineTelemetry(string model, Func<int> queueLength)
    {
        _model = new("gen_ai.request.model", model);
        _timeToFirstToken = _meter.CreateHistogram<double>("gen_ai.server.time_to_first_token", "s", "From the request to its first token, waiting included.");
        _timePerOutputToken = _meter.CreateHistogram<double>("gen_ai.server.time_per_output_token", "s", "Between two tokens of an answer, after the first.");
        _requestDuration = _meter.CreateHistogram<double>("gen_ai.server.request.duration", "s", "From the request to its last token.");
        _promptSpeed = _meter.CreateHistogram<double>("qwen3.engine.prompt.speed", "{token}/s", "Prompt tokens that were computed, by the time it took.");
        _batchRequests = _meter.CreateHistogram<int>("qwen3.engine.step.requests", "{request}", "Requests that a step computed something of.");
        _promptTokens = _meter.CreateCounter<long>("qwen3.engine.prompt.tokens", "{token}", "Prompt tokens, cached ones included.");
        _cachedTokens = _meter.CreateCounter<long>("qwen3.engine.prompt.cached_tokens", "{token}", "Prompt tokens that were in the KV cache already.");
        _outputTokens = _meter.CreateCounter<long>("qwen3.engine.output.tokens", "{token}", "Tokens that were generated.");
        _meter.CreateObservableGauge(
            "qwen3.engine.queue.length", () => new Measurement<int>(queueLength(), _model), "{request}", "Requests that wait for their turn.");
    }

    /// <summary>Starts a request's span, as a child of the caller's, and leaves the caller's current one in place.</summary>
    public Activity? Start(int promptTokens)
    {
        Activity? current = Activity.Current;
        Activity? activity = _source.StartActivity("qwen3.generate", ActivityKind.Internal);
        Activity.Current = current;
        return activity?.SetTag(_model.Key, _model.Value).SetTag("gen_ai.usage.input_tokens", promptTokens);
    }

    public void Step(int requests) => _batchRequests.Record(requests, _model);

    public void Completed(Activity? activity, GenerationResult result)
    {
        double wait = result.QueueTime.TotalSeconds + result.PromptTime.TotalSeconds;
        _timeToFirstToken.Record(wait, _model);
        _requestDuration.Record(wait + result.GenerationTime.TotalSeconds, _model);
        if (result.GeneratedTokens > 1)
        {
            _timePerOutputToken.Record(result.GenerationTime.TotalSeconds / (result.GeneratedTokens - 1), _model);
        }

        if (result.PromptTime > TimeSpan.Zero)
        {
            _promptSpeed.Record((result.PromptTokens - result.CachedTokens) / result.PromptTime.TotalSeconds, _model);
        }

        _promptTokens.Add(result.PromptTokens, _model);
        _cachedTokens.Add(result.CachedTokens, _model);
        _outputTokens.Add(result.GeneratedTokens, _model);
        activity?.SetTag("gen_ai.usage.output_tokens", result.GeneratedTokens)
            .SetTag("gen_ai.usage.cache_read.input_tokens", result.CachedTokens)
            .SetTag("gen_ai.response.finish_reasons", result.FinishReason == FinishReason.Length ? "length" : "stop")
            .Dispose();
    }

    public void Ended(Activity? activity, Exception? failure)
    {
        if (failure is not null)
        {
            activity?.SetStatus(ActivityStatusCode.Error, failure.Message).SetTag("error.type", failure.GetType().FullName);
        }

        activity?.Dispose();
    }

    public void Dispose()
    {
        _meter.Dispose();
        _source.Dispose();
    }
}
