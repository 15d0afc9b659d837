using Qwen3.LlamaCpp.Native;

namespace Qwen3.LlamaCpp.Tests.Native;

/// <summary>A struct with a wrong layout shows in the defaults that llama.cpp writes into it.</summary>
public sealed class NativeStructTests
{
    public NativeStructTests() => NativeLibraries.EnsureLoaded(directory: null);

    [Fact]
    public void Model_parameters_have_the_defaults_of_the_pinned_release()
    {
        LlamaModelParams parameters = NativeMethods.llama_model_default_params();
        Assert.Equal((-1, 1, -1, 1, 0), (parameters.GpuLayerCount, parameters.SplitMode, parameters.LoadMode, parameters.LazyMode, parameters.MainGpu));
        Assert.Equal((0, 0, 1, 0, 0), (parameters.VocabularyOnly, parameters.CheckTensors, parameters.UseExtraBufferTypes, parameters.NoHost, parameters.NoAllocation));
        unsafe
        {
            Assert.True(parameters.ProgressCallback == null);
            Assert.True(parameters.TensorSplit == null);
        }
    }

    [Fact]
    public void Context_parameters_have_the_defaults_of_the_pinned_release()
    {
        LlamaContextParams parameters = NativeMethods.llama_context_default_params();
        Assert.Equal((512u, 2048u, 512u, 1u), (parameters.ContextSize, parameters.BatchSize, parameters.MicroBatchSize, parameters.MaxSequences));
        Assert.Equal((-1, -1, -1), (parameters.RopeScalingType, parameters.PoolingType, parameters.FlashAttentionType));
        Assert.Equal((-1f, -1f), (parameters.YarnExtensionFactor, parameters.DefragmentationThreshold));
        Assert.Equal((1, 1), (parameters.KeyType, parameters.ValueType));
        Assert.Equal((0, 1, 1), (parameters.Embeddings, parameters.OffloadKqv, parameters.NoPerformanceTimings));
        Assert.Equal((nint)0, parameters.OtherContext);
        Assert.Equal((nuint)0, parameters.SamplerCount);
    }
}
