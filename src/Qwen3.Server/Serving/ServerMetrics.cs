using System.Diagnostics.Metrics;
using Microsoft.Extensions.AI;

namespace Qwen3.Server.Serving;

/// <summary>
/// What the endpoints measure, under the name <c>Qwen3.Server</c>. How many requests there were, how they ended and how long they took is measured by
/// ASP.NET Core (<c>http.server.request.duration</c>).
/// </summary>
internal sealed class ServerMetrics
{
    public const string MeterName = "Qwen3.Server";

    private readonly UpDownCounter<int> _waiting;
    private readonly UpDownCounter<int> _running;
    private readonly Histogram<double> _timeToFirstToken;
    private readonly Counter<long> _promptTokens;
    private readonly Counter<long> _cachedTokens;
    private readonly Counter<long> _outputTokens;
    private readonly Counter<long> _reasoningTokens;
    private readonly TimeProvider _timeProvider;

    public ServerMetrics(IMeterFactory meters, TimeProvider timeProvider)
    {
        _timeProvider = timeProvider;
        Meter meter = meters.Create(MeterName);
        _waiting = meter.CreateUpDownCounter<int>("qwen3.server.requests.waiting", "{request}", "Requests of whose answer there is no token yet.");
        _running = meter.CreateUpDownCounter<int>("qwen3.server.requests.running", "{request}", "Requests whose answer is under way.");
        _timeToFirstToken = meter.CreateHistogram(
            "qwen3.server.time_to_first_token",
            "s",
            "From the request to the first token of its answer.",
            tags: null,
            // The buckets that OpenTelemetry's conventions advise for gen_ai.server.time_to_first_token.
            new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
            });
        _promptTokens = meter.CreateCounter<long>("qwen3.server.prompt.tokens", "{token}", "Prompt tokens, cached ones included.");
        _cachedTokens = meter.CreateCounter<long>("qwen3.server.prompt.cached_tokens", "{token}", "Prompt tokens that were not computed again.");
        _outputTokens = meter.CreateCounter<long>("qwen3.server.output.tokens", "{token}", "Tokens of answers, the reasoning included.");
        _reasoningTokens = meter.CreateCounter<long>("qwen3.server.output.reasoning_tokens", "{token}", "Tokens of reasoning.");
    }

    /// <summary>Begins to measure a request, which is waiting until its first token is there.</summary>
    public RequestMeasurement Begin(string model) => new(this, new("gen_ai.request.model", model));

    /// <summary>A request that is being measured.</summary>
    public sealed class RequestMeasurement : IDisposable
    {
        private readonly ServerMetrics _metrics;
        private readonly KeyValuePair<string, object?> _model;
        private readonly long _started;
        private bool _isRunning;

        internal RequestMeasurement(ServerMetrics metrics, KeyValuePair<string, object?> model)
        {
            (_metrics, _model) = (metrics, model);
            _started = metrics._timeProvider.GetTimestamp();
            metrics._waiting.Add(1, model);
        }

        public void Answering()
        {
            if (!_isRunning)
            {
                _isRunning = true;
                _metrics._waiting.Add(-1, _model);
                _metrics._running.Add(1, _model);
                _metrics._timeToFirstToken.Record(_metrics._timeProvider.GetElapsedTime(_started).TotalSeconds, _model);
            }
        }

        public void Count(UsageDetails usage)
        {
            _metrics._promptTokens.Add(usage.InputTokenCount ?? 0, _model);
            _metrics._cachedTokens.Add(usage.CachedInputTokenCount ?? 0, _model);
            _metrics._outputTokens.Add(usage.OutputTokenCount ?? 0, _model);
            _metrics._reasoningTokens.Add(usage.ReasoningTokenCount ?? 0, _model);
        }

        public void Dispose() => (_isRunning ? _metrics._running : _metrics._waiting).Add(-1, _model);
    }
}
