using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Qwen3.LlamaCpp.Execution;

/// <summary>
/// An engine's metrics and traces, under the name <c>Qwen3.LlamaCpp</c>. Where OpenTelemetry's conventions for model servers have a name for
/// a metric, it has that name.
/// </summary>
/// <remarks>
/// Listeners are other people's code: what they throw is logged and goes no further. Conventions: <see href="https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/"/>.
/// </remarks>
internal sealed partial class EngineTelemetry : IDisposable
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
    private readonly ILogger _logger;

    public EngineTelemetry(string model, Func<int> queueLength, ILogger logger)
    {
        _logger = logger;
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
        try
        {
            return _source.StartActivity("qwen3.generate", ActivityKind.Internal)?.SetTag(_model.Key, _model.Value).SetTag("gen_ai.usage.input_tokens", promptTokens);
        }
        catch (Exception e)
        {
            Log(e);
            return null;
        }
        finally
        {
            Activity.Current = current;
        }
    }

    public void Step(int requests)
    {
        try
        {
            _batchRequests.Record(requests, _model);
        }
        catch (Exception e)
        {
            Log(e);
        }
    }

    public void Completed(Activity? activity, GenerationResult result)
    {
        try
        {
            Record(result);
            activity?.SetTag("gen_ai.usage.output_tokens", result.GeneratedTokens)
                .SetTag("gen_ai.usage.cache_read.input_tokens", result.CachedTokens)
                .SetTag("gen_ai.response.finish_reasons", result.FinishReason == FinishReason.Length ? "length" : "stop");
        }
        catch (Exception e)
        {
            Log(e);
        }

        Ended(activity, failure: null);
    }

    /// <summary>Ends a request's span, on the engine's thread, to which no span of a caller's belongs.</summary>
    public void Ended(Activity? activity, Exception? failure)
    {
        try
        {
            if (failure is not null)
            {
                activity?.SetStatus(ActivityStatusCode.Error, failure.Message).SetTag("error.type", failure.GetType().FullName);
            }

            activity?.Dispose();
        }
        catch (Exception e)
        {
            Log(e);
        }
        finally
        {
            Activity.Current = null;
        }
    }

    public void Dispose()
    {
        _meter.Dispose();
        _source.Dispose();
    }

    private void Record(GenerationResult result)
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
    }

    private void Log(Exception exception)
    {
        try
        {
            LogListener(exception);
        }
        catch (Exception)
        {
            // The log fails too, and there is nobody else to tell: the request has nothing to do with it.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A listener to the engine's metrics or traces failed")]
    private partial void LogListener(Exception exception);
}
