using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Qwen3.LlamaCpp.Tests.Scheduling;

public sealed class EngineTelemetryTests(ModelFixture fixture) : IClassFixture<ModelFixture>
{
    [Fact]
    public async Task Requests_are_measured()
    {
        var measured = new ConcurrentDictionary<string, double>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "Qwen3.LlamaCpp")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        void Add(Instrument instrument, double value) => measured.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value);
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => Add(instrument, value));
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => Add(instrument, value));
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => Add(instrument, value));
        listener.Start();
        await using var engine = new InferenceEngine(fixture.Model);

        await RunAsync(engine);
        await RunAsync(engine);
        listener.RecordObservableInstruments();

        Assert.Equal(20, measured["qwen3.engine.prompt.tokens"]);
        Assert.Equal(9, measured["qwen3.engine.prompt.cached_tokens"]);
        Assert.Equal(10, measured["qwen3.engine.output.tokens"]);
        Assert.True(measured["qwen3.engine.step.requests"] >= 10);
        Assert.Equal(0, measured["qwen3.engine.queue.length"]);
        foreach (string name in (string[])["gen_ai.server.time_to_first_token", "gen_ai.server.time_per_output_token", "gen_ai.server.request.duration", "qwen3.engine.prompt.speed"])
        {
            Assert.True(measured[name] > 0, name);
        }
    }

    [Fact]
    public async Task A_request_is_a_span_below_the_callers()
    {
        var stopped = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Qwen3.LlamaCpp",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = stopped.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using var engine = new InferenceEngine(fixture.Model);
        using Activity caller = new Activity("caller").Start();

        await RunAsync(engine);

        Assert.Same(caller, Activity.Current);
        Activity span = Assert.Single(stopped);
        Assert.Equal(("qwen3.generate", caller.SpanId), (span.OperationName, span.ParentSpanId));
        Assert.Equal(10, span.GetTagItem("gen_ai.usage.input_tokens"));
        Assert.Equal(5, span.GetTagItem("gen_ai.usage.output_tokens"));
        Assert.Equal("length", span.GetTagItem("gen_ai.response.finish_reasons"));

        engine.Generate(Request(), new CancellationToken(canceled: true));
        await engine.DisposeAsync();
        Assert.Equal(2, stopped.Count);
    }

    [Fact]
    public async Task Listeners_that_fail_and_spans_of_others_are_no_matter_of_a_request()
    {
        using var meters = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "Qwen3.LlamaCpp")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        var spans = new ConcurrentBag<Activity?>();
        meters.SetMeasurementEventCallback<int>((_, _, _, _) => spans.Add(Activity.Current));
        meters.SetMeasurementEventCallback<double>((_, _, _, _) => throw new InvalidOperationException("no room"));
        meters.Start();
        using var activities = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Qwen3.LlamaCpp",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = _ => throw new InvalidOperationException("no space"),
        };
        ActivitySource.AddActivityListener(activities);
        using (new Activity("caller").Start())
        {
            await using var engine = new InferenceEngine(fixture.Model);
            await RunAsync(engine);
            using (Generation cancelled = engine.Generate(Request()))
            {
            }

            await RunAsync(engine);
        }

        Assert.NotEmpty(spans);
        Assert.All(spans, Assert.Null);
    }

    private static GenerationRequest Request() => new() { Prompt = [.. Enumerable.Range(1000, 10)], MaxTokens = 5 };

    private static async Task RunAsync(InferenceEngine engine)
    {
        await foreach (int token in engine.Generate(Request()))
        {
        }
    }
}
