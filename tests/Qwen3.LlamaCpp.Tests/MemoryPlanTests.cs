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
        var plan = MemoryPlan.ForFile(NanoModels.Instruct, new() { ContextSize = 1000, KeyValueCacheType = type }, new() { GpuLayers = 0 });
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

    /// <summary>As llama.cpp does it: the output goes first, then the last blocks; and the nano models' output is their token embedding once more.</summary>
    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(1, 0, true)]
    [InlineData(3, 2, true)]
    [InlineData(6, 5, true)]
    public void Tells_what_lies_on_GPUs_by_the_layers_there(int gpuLayers, int blocks, bool hasOutput)
    {
        MemoryPlan plan = Plan(gpuLayers, new(long.MaxValue, long.MaxValue), new() { ContextSize = 1024 }), inRam = Plan(0, default, new() { ContextSize = 1024 });
        long embedding = fixture.Model.Shape.EmbeddingBytes;
        Assert.Equal(((fixture.Model.SizeInBytes - embedding) * blocks / 5) + (hasOutput ? embedding : 0), plan.GpuWeightBytes);
        Assert.Equal(inRam.WeightBytes + (hasOutput ? embedding : 0), plan.WeightBytes);
        Assert.Equal((plan.KeyValueCacheBytes * blocks / 5) + (hasOutput ? inRam.ComputeBytes : 0), plan.GpuContextBytes);
        Assert.Equal(inRam.KeyValueCacheBytes, plan.KeyValueCacheBytes);
    }

    [Theory]
    [InlineData(48, 1000)]
    [InlineData(1000, 48)]
    [InlineData(48, 48)]
    public void An_open_context_size_is_what_the_tighter_of_RAM_and_GPUs_takes(int ramMiB, int gpuMiB)
    {
        FreeMemory free = new((long)ramMiB << 20, (long)gpuMiB << 20), plenty = new(1L << 40, 1L << 40);
        MemoryPlan plan = Plan(3, free, new());
        Assert.InRange(plan.ContextSize, 256, 4095);
        Assert.InRange(plan.GpuContextBytes, 0, free.Gpus / 4);
        Assert.InRange(plan.ContextBytes - plan.GpuContextBytes, 0, free.Ram / 4);
        MemoryPlan larger = Plan(3, plenty, new() { ContextSize = plan.ContextSize + 256 });
        Assert.True(larger.GpuContextBytes > free.Gpus / 4 || larger.ContextBytes - larger.GpuContextBytes > free.Ram / 4);
        Assert.Equal(4096, Plan(3, plenty, new()).ContextSize);
    }

    [Fact]
    public void What_does_not_fit_on_the_GPUs_is_refused_with_numbers_and_options()
    {
        MemoryPlan plan = Plan(6, default, new() { ContextSize = 4096 });
        var free = new FreeMemory(1L << 40, 10L << 20);
        var weights = Assert.Throws<InsufficientModelMemoryException>(() => plan.RequireWeights(null, free));
        Assert.Equal((plan.GpuWeightBytes, 10L << 20), (weights.RequiredBytes, weights.AvailableBytes));
        var context = Assert.Throws<InsufficientModelMemoryException>(() => plan.RequireContext(null, free));
        Assert.Equal((plan.GpuContextBytes, 10L << 20), (context.RequiredBytes, context.AvailableBytes));
        foreach (string message in (string[])[weights.Message, context.Message])
        {
            Assert.Contains("on the GPUs", message);
            Assert.Contains("10.0 MiB", message);
            Assert.Contains("GpuLayers", message);
        }

        plan.RequireWeights(null, free with { Gpus = plan.GpuWeightBytes });
        plan.RequireContext(null, free with { Gpus = plan.GpuContextBytes });
    }

    [Fact]
    public void Weights_that_do_not_fit_into_RAM_are_refused_before_they_are_loaded()
    {
        var progress = new Mock<IProgress<float>>();
        var exception = Assert.Throws<InsufficientModelMemoryException>(
            () => LlamaModel.Load(NanoModels.Instruct, new() { GpuLayers = 0, MemoryLimit = 1 << 20, Progress = progress.Object }));
        Assert.Contains("1.0 MiB", exception.Message);
        Assert.Contains("MemoryLimit", exception.Message);
        Assert.InRange(exception.RequiredBytes, fixture.Model.SizeInBytes, fixture.Model.SizeInBytes + 10_000);
        progress.Verify(p => p.Report(It.IsAny<float>()), Times.Never);
    }

    [Theory]
    [InlineData(null, 10)]
    [InlineData(new float[] { 3, 1 }, 8)]
    [InlineData(new float[] { 1, 3 }, 5.333)]
    [InlineData(new float[] { 1, 0 }, 6)]
    public void A_proportion_of_ones_own_is_limited_by_the_GPU_that_is_full_first(float[]? split, double gibibytes)
    {
        LlamaDevice Gpu(long gibibytes, long total = 8) => new()
        {
            Name = "GPU", Description = "", Kind = LlamaDeviceKind.Gpu, TotalMemory = total << 30, FreeMemory = gibibytes << 30,
        };
        Assert.Equal(gibibytes, GpuOffload.FreeBytes([Gpu(6), Gpu(4)], split) / (double)(1 << 30), tolerance: 0.001);
        Assert.Equal(long.MaxValue, GpuOffload.FreeBytes([Gpu(6), Gpu(0, total: 0)], split));
        Assert.Equal(0, GpuOffload.FreeBytes([], null));
    }

    [Fact]
    public void An_open_context_size_is_what_the_limit_takes_and_at_most_the_models_own()
    {
        Assert.Equal(4096, MemoryPlan.ForFile(NanoModels.Instruct, new() { MemoryLimit = 1L << 30 }, new() { GpuLayers = 0 }).ContextSize);
        var small = MemoryPlan.ForFile(NanoModels.Instruct, new() { MemoryLimit = 12L << 20 }, new() { GpuLayers = 0 });
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

    private MemoryPlan Plan(int gpuLayers, FreeMemory free, InferenceEngineOptions options) =>
        MemoryPlan.Create(fixture.Model.Shape, fixture.Model.SizeInBytes, adapterBytes: 0, options, gpuLayers, free);
}
