using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Qwen3.LlamaCpp.Gguf;
using Qwen3.LlamaCpp.Native;

namespace Qwen3.LlamaCpp;

/// <summary>A Qwen3 model in memory: its weights, its vocabulary and what its file says of it.</summary>
/// <remarks>
/// All members are safe for concurrent use. One model serves any number of <see cref="InferenceEngine"/>s; disposing it while
/// an engine still runs is safe too: the weights are freed when the last engine over them is disposed.
/// </remarks>
public sealed class LlamaModel : IDisposable
{
    private LlamaModel(ModelFile file, GpuOffload offload, ModelHandle handle)
    {
        File = file;
        Handle = handle;
        Tokenizer = new Tokenizer(handle, file.Header.TokenTypes);
        SizeInBytes = (long)NativeMethods.llama_model_size(handle);
        ParameterCount = (long)NativeMethods.llama_model_n_params(handle);
        unsafe
        {
            Quantization = NativeMethods.ToText(NativeMethods.llama_ftype_name(NativeMethods.llama_model_ftype(handle)));
        }

        Offload = offload;
    }

    /// <summary>Gets what the model's file says of itself.</summary>
    public ModelFile File { get; }

    /// <summary>Gets the full path of the model file.</summary>
    public string Path => File.Path;

    /// <inheritdoc cref="ModelFile.Metadata"/>
    public IReadOnlyDictionary<string, string> Metadata => File.Metadata;

    /// <inheritdoc cref="ModelFile.ChatTemplate"/>
    public string? ChatTemplate => File.ChatTemplate;

    /// <inheritdoc cref="ModelFile.Name"/>
    public string Name => File.Name;

    /// <summary>Gets the quantization of the weights in llama.cpp's words, such as <c>Q4_K - Medium</c>.</summary>
    public string Quantization { get; }

    /// <summary>Gets the size of all weights in bytes.</summary>
    public long SizeInBytes { get; }

    /// <summary>Gets the number of weights.</summary>
    public long ParameterCount { get; }

    /// <summary>Gets the largest context in tokens that the model was made for.</summary>
    public int ContextLength => File.ContextLength;

    /// <summary>Gets the width of the model: the length of a token's embedding.</summary>
    public int EmbeddingLength => Shape.EmbeddingLength;

    /// <summary>Gets the number of transformer blocks.</summary>
    public int LayerCount => Shape.LayerCount;

    /// <summary>Gets the number of query heads in each block.</summary>
    public int HeadCount => Shape.HeadCount;

    /// <summary>Gets the number of key and value heads in each block.</summary>
    public int KeyValueHeadCount => Shape.KeyValueHeadCount;

    /// <summary>Gets the model's tokenizer, usable for as long as the model is.</summary>
    public Tokenizer Tokenizer { get; }

    internal ModelShape Shape => File.Shape;

    internal GpuOffload Offload { get; }

    internal ModelHandle Handle { get; }

    /// <summary>Loads a model from a GGUF file and returns when it is ready.</summary>
    /// <param name="path">The file; of a split model, its first part.</param>
    /// <param name="options">How to load it; the defaults if <see langword="null"/>.</param>
    /// <returns>The model, which the caller disposes.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFileException">The file is no GGUF file, is damaged or truncated, or llama.cpp refused it.</exception>
    /// <exception cref="UnsupportedModelException">The file holds a model of another architecture than <c>qwen3</c>.</exception>
    /// <exception cref="InsufficientModelMemoryException">The weights do not fit into the free memory of this machine or of its GPUs.</exception>
    /// <exception cref="ArgumentException">An option names a device that there is not, or does not fit the devices.</exception>
    /// <exception cref="LlamaLibraryException">The llama.cpp libraries are missing or do not fit.</exception>
    public static LlamaModel Load(string path, LlamaModelOptions? options = null) => Load(path, options ?? new(), CancellationToken.None);

    /// <summary>Loads a model from a GGUF file on a thread of its own.</summary>
    /// <param name="path">The file; of a split model, its first part.</param>
    /// <param name="options">How to load it; the defaults if <see langword="null"/>.</param>
    /// <param name="cancellationToken">Stops the loading midway and frees what was loaded.</param>
    /// <returns>The model, which the caller disposes.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFileException">The file is no GGUF file, is damaged or truncated, or llama.cpp refused it.</exception>
    /// <exception cref="UnsupportedModelException">The file holds a model of another architecture than <c>qwen3</c>.</exception>
    /// <exception cref="InsufficientModelMemoryException">The weights do not fit into the free memory of this machine or of its GPUs.</exception>
    /// <exception cref="ArgumentException">An option names a device that there is not, or does not fit the devices.</exception>
    /// <exception cref="LlamaLibraryException">The llama.cpp libraries are missing or do not fit.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static Task<LlamaModel> LoadAsync(string path, LlamaModelOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.Factory.StartNew(
            () => Load(path, options ?? new(), cancellationToken),
            cancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);

    /// <summary>Frees the model once no engine uses it any more.</summary>
    public void Dispose() => Handle.Dispose();

    private static LlamaModel Load(string path, LlamaModelOptions options, CancellationToken cancellationToken)
    {
        var file = ModelFile.Read(path);
        NativeLibraries.EnsureLoaded(options.LibraryDirectory);
        var offload = GpuOffload.Choose(options, LlamaDevice.GetAll());
        var free = FreeMemory.Now(offload);
        var plan = MemoryPlan.Create(file.Shape, file.Header.TensorBytes, adapterBytes: 0, new(), offload.LayersOf(file.Shape.LayerCount), free);
        plan.RequireWeights(options.MemoryLimit, free);
        ModelHandle handle = LoadNative(file.Path, options, offload, cancellationToken);
        try
        {
            return new(file, offload, handle);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static unsafe ModelHandle LoadNative(string path, LlamaModelOptions options, GpuOffload offload, CancellationToken cancellationToken)
    {
        ILogger logger = options.LoggerFactory?.CreateLogger<LlamaModel>() ?? NullLogger<LlamaModel>.Instance;
        var state = new LoadState(options.Progress, cancellationToken);
        GCHandle stateHandle = GCHandle.Alloc(state);
        using NativeLog.Scope log = NativeLog.Capture(logger);
        try
        {
            LlamaModelParams parameters = NativeMethods.llama_model_default_params();
            parameters.GpuLayerCount = options.GpuLayers ?? parameters.GpuLayerCount;
            parameters.ProgressCallback = &OnProgress;
            parameters.ProgressCallbackUserData = GCHandle.ToIntPtr(stateHandle);
            // Ends with a null pointer.
            nint[] devices = [.. offload.Gpus.Select(gpu => gpu.Handle), 0];
            float[] split = new float[GpuOffload.MaxDevices];
            offload.Split?.ToArray().CopyTo(split, 0);
            fixed (nint* devicePointer = devices)
            fixed (float* splitPointer = split)
            {
                parameters.Devices = devicePointer;
                parameters.TensorSplit = offload.Split is null ? null : splitPointer;
                var model = new ModelHandle(NativeMethods.llama_model_load_from_file(path, parameters));
                if (!model.IsInvalid)
                {
                    return model;
                }
            }
        }
        finally
        {
            stateHandle.Free();
        }

        cancellationToken.ThrowIfCancellationRequested();
        throw state.Failure is { } failure
            ? new LlamaException($"Loading {path} stopped because {nameof(LlamaModelOptions)}.{nameof(LlamaModelOptions.Progress)} threw an exception.", failure)
            : new ModelFileException(path, $"llama.cpp could not load {path}. Fetch the file again, or try another quantization of the model.{log.TakeErrors()}");
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte OnProgress(float progress, nint userData)
    {
        var state = (LoadState)GCHandle.FromIntPtr(userData).Target!;
        try
        {
            if (state.CancellationToken.IsCancellationRequested)
            {
                // Who has cancelled may be waiting for the end, and could not be reported to.
                return 0;
            }

            state.Progress?.Report(progress);
            return state.CancellationToken.IsCancellationRequested ? (byte)0 : (byte)1;
        }
        catch (Exception e)
        {
            state.Failure = e;
            return 0;
        }
    }

    private sealed class LoadState(IProgress<float>? progress, CancellationToken cancellationToken)
    {
        public IProgress<float>? Progress => progress;

        public CancellationToken CancellationToken => cancellationToken;

        public Exception? Failure { get; set; }
    }
}
