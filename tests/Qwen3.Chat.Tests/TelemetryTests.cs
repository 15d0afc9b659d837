using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.AI;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Tests;

/// <summary><c>UseOpenTelemetry</c> of Microsoft.Extensions.AI around the client, and the engine's span below it.</summary>
public sealed class TelemetryTests : IClassFixture<ChatClientFixture>, IDisposable
{
    private const string Model = "Qwen3-Nano-Thinking-2507";

    private readonly ChatClientFixture _clients;

    // Other tests run at the same time.
    private readonly string _source = $"test-{Guid.NewGuid():N}";
    private readonly ConcurrentQueue<Activity> _started = [];
    private readonly ConcurrentQueue<(string Name, double Value, Dictionary<string, object?> Tags)> _measured = [];
    private readonly ActivityListener _activities;
    private readonly MeterListener _meters = new();

    public TelemetryTests(ChatClientFixture clients)
    {
        _clients = clients;
        _activities = new()
        {
            ShouldListenTo = source => source.Name == _source || source.Name == "Qwen3.LlamaCpp",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStarted = _started.Enqueue,
        };
        ActivitySource.AddActivityListener(_activities);
        _meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == _source)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => _measured.Enqueue((instrument.Name, value, new(tags.ToArray()))));
        _meters.SetMeasurementEventCallback<int>((instrument, value, tags, _) => _measured.Enqueue((instrument.Name, value, new(tags.ToArray()))));
        _meters.Start();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_request_is_a_span_with_the_models_the_usage_and_the_end(bool isStreaming)
    {
        ChatResponse response = await AskAsync("Hello!", NanoTools.Greedy(), isStreaming);

        Activity chat = Chat();
        Assert.Equal($"chat {Model}", chat.DisplayName);
        Assert.Equal("llama.cpp", chat.GetTagItem("gen_ai.provider.name"));
        Assert.Equal(Model, chat.GetTagItem("gen_ai.request.model"));
        Assert.Equal(Model, chat.GetTagItem("gen_ai.response.model"));
        Assert.Equal(response.ResponseId, chat.GetTagItem("gen_ai.response.id"));
        Assert.Equal("[\"stop\"]", chat.GetTagItem("gen_ai.response.finish_reasons"));
        Assert.Equal(0f, chat.GetTagItem("gen_ai.request.temperature"));
        UsageDetails usage = response.Usage!;
        Assert.Equal((int)usage.InputTokenCount!, chat.GetTagItem("gen_ai.usage.input_tokens"));
        Assert.Equal((int)usage.OutputTokenCount!, chat.GetTagItem("gen_ai.usage.output_tokens"));
        Assert.Equal((int)usage.CachedInputTokenCount!, chat.GetTagItem("gen_ai.usage.cache_read.input_tokens"));
        Assert.Equal((int)usage.ReasoningTokenCount!, chat.GetTagItem("gen_ai.usage.reasoning.output_tokens"));
        Assert.Equal(ActivityStatusCode.Unset, chat.Status);
        Assert.Equal(
            [("input", (double)usage.InputTokenCount), ("output", (double)usage.OutputTokenCount)],
            _measured.Where(measurement => measurement.Name == "gen_ai.client.token.usage")
                .Select(measurement => ((string)measurement.Tags["gen_ai.token.type"]!, measurement.Value)).Order());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_engines_span_is_its_child(bool isStreaming)
    {
        await AskAsync("Hello!", NanoTools.Greedy(), isStreaming);

        Activity chat = Chat();
        Activity generate = Assert.Single(_started, activity => activity.TraceId == chat.TraceId && activity != chat);
        Assert.Equal("qwen3.generate", generate.OperationName);
        Assert.Equal(chat.SpanId, generate.ParentSpanId);
    }

    [Fact]
    public async Task Each_step_of_a_loop_of_calls_is_a_span_with_its_own_end()
    {
        IChatClient client = _clients.Thinking.AsBuilder().UseFunctionInvocation().UseOpenTelemetry(sourceName: _source).Build();
        await client.GetResponseAsync("What is the weather in Paris?", NanoTools.Greedy(NanoTools.All));

        Assert.Equal(
            ["[\"tool_calls\"]", "[\"stop\"]"],
            _started.Where(activity => activity.OperationName == $"chat {Model}").Select(activity => activity.GetTagItem("gen_ai.response.finish_reasons")));
    }

    [Fact]
    public async Task The_time_to_the_first_token_is_measured()
    {
        await AskAsync("Hello!", NanoTools.Greedy(), isStreaming: true);

        double first = Assert.Single(_measured, measurement => measurement.Name == "gen_ai.client.operation.time_to_first_chunk").Value;
        double whole = Assert.Single(_measured, measurement => measurement.Name == "gen_ai.client.operation.duration").Value;
        Assert.InRange(first, double.Epsilon, whole);
        Assert.Equal(first, Chat().GetTagItem("gen_ai.response.time_to_first_chunk"));
        Assert.Contains(_measured, measurement => measurement.Name == "gen_ai.client.operation.time_per_output_chunk");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_said_is_recorded_only_where_that_is_asked_for(bool isAskedFor)
    {
        ChatOptions options = NanoTools.Greedy(NanoTools.All);
        options.Instructions = "You are kind.";
        await AskAsync("What is the weather in Paris?", options, isStreaming: false, isAskedFor);

        Activity chat = Chat();
        string recorded = string.Join('\n', _started.Where(activity => activity.TraceId == chat.TraceId).SelectMany(activity => activity.TagObjects
            .Concat(activity.Events.SelectMany(item => item.Tags)).Select(tag => tag.Value)));
        Assert.Contains(Model, recorded);
        foreach (string said in (string[])["You are kind.", "Paris", "weather in"])
        {
            Assert.Equal(isAskedFor, recorded.Contains(said, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_failure_is_the_spans_status()
    {
        string longText = string.Join(' ', Enumerable.Repeat("hello", 5_000));
        await Assert.ThrowsAsync<ContextLengthException>(() => AskAsync(longText, NanoTools.Greedy(), isStreaming: true));

        Activity chat = Chat();
        Assert.Equal(ActivityStatusCode.Error, chat.Status);
        Assert.Equal(typeof(ContextLengthException).FullName, chat.GetTagItem("error.type"));
    }

    public void Dispose()
    {
        _activities.Dispose();
        _meters.Dispose();
    }

    private async Task<ChatResponse> AskAsync(string question, ChatOptions options, bool isStreaming, bool isSensitive = false)
    {
        // Not disposed, as that would dispose the fixture's client.
        IChatClient client = _clients.Thinking.AsBuilder()
            .UseOpenTelemetry(sourceName: _source, configure: telemetry => telemetry.EnableSensitiveData = isSensitive)
            .Build();
        return isStreaming
            ? await client.GetStreamingResponseAsync(question, options).ToChatResponseAsync(TestContext.Current.CancellationToken)
            : await client.GetResponseAsync(question, options);
    }

    private Activity Chat() => Assert.Single(_started, activity => activity.Source.Name == _source);
}
