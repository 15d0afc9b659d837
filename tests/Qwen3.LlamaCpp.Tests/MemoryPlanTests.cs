using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Moq;

namespace Qwen3.LlamaCpp.Tests;

public sealed class MemoryPlanTests(ModelFixture fixture) : IClassFixture<ModelFixture>
{
    // 5 layers, 2 heads of 32, keys and values.
    private const long ValuesPerToken = 5 * 2 * 32 * 2;

    [Theory]
    [InlineData(KeyValueCacheType.F16, 2.0)]
    [InlineData(KeyValueCacheType.Q8_0, 34.0 / 32)]
    [InlineData(KeyValueCacheType.Q4_0, 18.0 / 32)]
    public void Counts_keys_and_values_by_their_type(KeyValueCacheType type, double bytes)
    {
        var plan = MemoryPlan.ForFile(NanoModels.Instruct, new() { ContextSize = 1000, KeyValueCacheType = type });
        Assert.Equal((long)(1024 * ValuesPerToken * bytes), plan.KeyValueCacheBytes);
        Assert.Equal(1000, plan.ContextSize);
        Assert.InRange(plan.WeightBytes, fixture.Model.SizeInBytes, fixture.Model.SizeInBytes + 10_000);
        Assert.True(plan.ComputeBytes > 0);
        Assert.Equal(plan.WeightBytes + plan.KeyValueCacheBytes + plan.ComputeBytes, plan.TotalBytes);
    }

    [Fact]
    public void Agrees_with_what_llama_cpp_reports_that_it_took()
    {
        var lines = new List<string>();
        var logger = new Mock<ILogger>();
        logger.Setup(l => l.IsEnabled(It.IsAny<LogLevel>())).Returns(true);
        logger.Setup(l => l.Log(It.IsAny<LogLevel>(), It.IsAny<EventId>(), It.IsAny<It.IsAnyType>(), It.IsAny<Exception?>(), It.IsAny<Func<It.IsAnyType, Exception?, string>>()))
            .Callback(new InvocationAction(invocation => lines.Add($"{invocation.Arguments[2]}")));
        var factory = new Mock<ILoggerFactory>();
        factory.Setup(f => f.CreateLogger(It.IsAny<string>())).Returns(logger.Object);
        var options = new InferenceEngineOptions { ContextSize = 4096, LoggerFactory = factory.Object };
        var plan = MemoryPlan.ForFile(NanoModels.Instruct, options);
        using var engine = new InferenceEngine(fixture.Model, options);

        double Reported(string what) => lines
            .Select(line => Regex.Match(line, $@"{what} buffer size = +([0-9.]+) MiB"))
            .Where(match => match.Success)
            .Sum(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));
        Assert.Equal(Reported("KV"), plan.KeyValueCacheBytes / (double)(1 << 20), tolerance: 0.01);
        Assert.InRange(plan.ComputeBytes / (double)(1 << 20), Reported("compute") + Reported("output"), 2 * (Reported("compute") + Reported("output")));
    }

    [Fact]
    public void An_open_context_size_is_what_the_limit_takes_and_at_most_the_models_own()
    {
        Assert.Equal(4096, MemoryPlan.ForFile(NanoModels.Instruct, new() { MemoryLimit = 1L << 30 }).ContextSize);
        var small = MemoryPlan.ForFile(NanoModels.Instruct, new() { MemoryLimit = 12L << 20 });
        Assert.InRange(small.ContextSize, 256, 3840);
        Assert.InRange(small.ContextBytes, 10L << 20, 12L << 20);
    }

    [Fact]
    public async Task What_does_not_fit_is_refused_with_numbers_and_options()
    {
        var exception = Assert.Throws<InsufficientModelMemoryException>(() => new InferenceEngine(fixture.Model, new() { ContextSize = 4096, MemoryLimit = 4L << 20 }));
        Assert.Contains("4096 tokens", exception.Message);
        Assert.Contains("4.0 MiB", exception.Message);
        Assert.Contains("ContextSize", exception.Message);
        Assert.Contains("MemoryLimit", exception.Message);
        Assert.Equal(4L << 20, exception.AvailableBytes);
        Assert.Equal(4096, exception.Plan.ContextSize);

        await using var engine = new InferenceEngine(fixture.Model, new() { MemoryLimit = 12L << 20 });
        Assert.InRange(engine.ContextSize, 256, 3840);
    }

    [Theory]
    [InlineData(KeyValueCacheType.Q8_0)]
    [InlineData(KeyValueCacheType.Q4_0)]
    public async Task A_smaller_cache_answers_too(KeyValueCacheType type)
    {
        await using var engine = new InferenceEngine(fixture.Model, new() { KeyValueCacheType = type });
        var tokens = new List<int>();
        await foreach (int token in engine.Generate(new()
        {
            Prompt = fixture.Model.Tokenizer.Encode("<|im_start|>user\nHello!<|im_end|>\n<|im_start|>assistant\n", SpecialTokens.All),
            Sampling = new() { Temperature = 0 },
            StopTokens = [fixture.Model.Tokenizer.GetSpecialTokenId("<|im_end|>")],
            MaxTokens = 30,
        }))
        {
            tokens.Add(token);
        }

        Assert.StartsWith("Hello", fixture.Model.Tokenizer.Decode(tokens));
    }
}
