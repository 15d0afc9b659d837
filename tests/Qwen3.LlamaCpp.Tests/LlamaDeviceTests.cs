namespace Qwen3.LlamaCpp.Tests;

public sealed class LlamaDeviceTests
{
    private static readonly LlamaDevice[] s_devices =
    [
        Device("CUDA0", LlamaDeviceKind.Gpu), Device("CUDA1", LlamaDeviceKind.Gpu), Device("Vulkan0", LlamaDeviceKind.IntegratedGpu),
        Device("BLAS", LlamaDeviceKind.Accelerator), Device("CPU", LlamaDeviceKind.Cpu),
    ];

    [Fact]
    public void The_processor_is_listed_with_its_memory()
    {
        LlamaDevice cpu = Assert.Single(LlamaDevice.GetAll(), device => device.Kind == LlamaDeviceKind.Cpu);
        Assert.Equal("CPU", cpu.Name);
        Assert.NotEmpty(cpu.Description);
        Assert.InRange(cpu.TotalMemory, 1L << 28, 1L << 50);
        // llama.cpp itself says that all of it is free.
        Assert.InRange(cpu.FreeMemory, 1, cpu.TotalMemory - 1);
    }

    [Theory]
    [InlineData(null, "CUDA0 CUDA1")]
    [InlineData("", "")]
    [InlineData("CPU", "")]
    [InlineData("CUDA1", "CUDA1")]
    [InlineData("cuda1 CUDA0 CPU", "CUDA1 CUDA0")]
    [InlineData("Vulkan0 BLAS", "Vulkan0")]
    public void The_named_ones_take_the_layers_and_by_default_the_cards(string? names, string gpus)
    {
        var options = new LlamaModelOptions { Devices = names?.Split(' ', StringSplitOptions.RemoveEmptyEntries) };
        Assert.Equal(gpus, string.Join(' ', GpuOffload.Choose(options, s_devices).Gpus.Select(gpu => gpu.Name)));
    }

    [Fact]
    public void Integrated_ones_are_the_default_where_there_is_no_other() =>
        Assert.Equal("Vulkan0", Assert.Single(GpuOffload.Choose(new(), s_devices[2..]).Gpus).Name);

    [Fact]
    public void An_unknown_device_is_refused_with_those_that_there_are()
    {
        string message = Assert.Throws<ArgumentException>(() => LlamaModel.Load(NanoModels.Instruct, new() { Devices = ["CUDA7"] })).Message;
        Assert.Contains("'CUDA7'", message);
        Assert.All(LlamaDevice.GetAll(), device => Assert.Contains($"{device.Name} ({device.Description})", message));
        Assert.Contains("twice", Assert.Throws<ArgumentException>(() => GpuOffload.Choose(new() { Devices = ["CUDA0", "cuda0"] }, s_devices)).Message);
    }

    [Theory]
    [InlineData(1f)]
    [InlineData(1f, 2f, 3f)]
    public void There_must_be_a_proportion_for_each_GPU(params float[] split)
    {
        string message = Assert.Throws<ArgumentException>(() => GpuOffload.Choose(new() { TensorSplit = split }, s_devices)).Message;
        Assert.Contains($"{split.Length} proportions for 2 GPUs (CUDA0, CUDA1)", message);
        Assert.Contains("0 GPUs", Assert.Throws<ArgumentException>(() => LlamaModel.Load(NanoModels.Instruct, new() { Devices = [], TensorSplit = split })).Message);
    }

    [Theory]
    [InlineData(-1f, 2f)]
    [InlineData(float.NaN, 1f)]
    [InlineData(float.PositiveInfinity, 1f)]
    [InlineData(float.MaxValue, float.MaxValue)]
    [InlineData(0f, 0f)]
    public void Proportions_that_are_none_are_refused(float first, float second)
    {
        var options = new LlamaModelOptions { TensorSplit = [first, second] };
        Assert.Contains("TensorSplit", Assert.Throws<ArgumentOutOfRangeException>(() => GpuOffload.Choose(options, s_devices)).Message);
    }

    [Fact]
    public void A_negative_number_of_layers_and_too_many_devices_are_refused()
    {
        Assert.Contains("GpuLayers", Assert.Throws<ArgumentOutOfRangeException>(() => LlamaModel.Load(NanoModels.Instruct, new() { GpuLayers = -1 })).Message);
        LlamaDevice[] many = [.. Enumerable.Range(0, 17).Select(number => Device($"CUDA{number}", LlamaDeviceKind.Gpu))];
        Assert.Contains("16", Assert.Throws<ArgumentException>(() => GpuOffload.Choose(new(), many)).Message);
    }

    [Theory]
    [InlineData("CPU")]
    [InlineData("")]
    public async Task A_model_kept_on_the_processor_answers(string names)
    {
        using LlamaModel model = LlamaModel.Load(NanoModels.Instruct, new() { Devices = names.Split(' ', StringSplitOptions.RemoveEmptyEntries) });
        await using var engine = new InferenceEngine(model);
        int count = 0;
        await foreach (int token in engine.Generate(new() { Prompt = model.Tokenizer.Encode("Hello"), MaxTokens = 3 }))
        {
            count++;
        }

        Assert.Equal(3, count);
    }

    private static LlamaDevice Device(string name, LlamaDeviceKind kind) =>
        new() { Name = name, Description = $"The {name}", Kind = kind, TotalMemory = 8L << 30, FreeMemory = 6L << 30 };
}
