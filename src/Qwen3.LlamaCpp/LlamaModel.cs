using LLama;
using LLama.Exceptions;
using LLama.Native;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Qwen3.LlamaCpp.Gguf;
using Qwen3.LlamaCpp.Loading;

namespace Qwen3.LlamaCpp;

/// <summary>A Qwen3 model in memory: its weights, its vocabulary and what its file says of it.</summary>
/// <remarks>
/// All members are safe for concurrent use. One model serves any number of <see cref="InferenceEngine"/>s; disposing it while
/// an engine still runs is safe too: the weights are freed when the last engine over them is disposed.
/// </remarks>
public sealed partial class LlamaModel : IDisposable
{
    // Not owned: the application's. Disposing the model gives back a reference instead of the weights.
    private readonly bool _isBorrowed;
    private int _isDisposed;

    private LlamaModel(ModelFile file, GpuOffload offload, SafeLlamaModelHandle handle, bool isBorrowed)
    {
        _isBorrowed = isBorrowed;
        File = file;
        Handle = handle;
        Tokenizer = new Tokenizer(handle, file.Header.TokenTypes);
        SizeInBytes = (long)handle.SizeInBytes;
        ParameterCount = (long)handle.ParameterCount;
        unsafe
        {
            Quantization = NativeMethods.ToText(NativeMethods.llama_ftype_name((int)handle.FileType));
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

    internal SafeLlamaModelHandle Handle { get; }

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

    /// <summary>Makes a model of weights that the application has loaded with LLamaSharp, so that both share them.</summary>
    /// <param name="weights">The weights. They stay the application's, which may dispose them at any time: they are freed when the last user is done.</param>
    /// <param name="path">The file that the weights were loaded from; of a split model, its first part.</param>
    /// <param name="options">The devices and the split that the weights were loaded with, for memory plans; the rest is not used.</param>
    /// <returns>The model, which the caller disposes.</returns>
    /// <exception cref="ArgumentException">The weights are not those of the file.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFileException">The file is no GGUF file, or is damaged or truncated.</exception>
    /// <exception cref="UnsupportedModelException">The file holds a model of another architecture than <c>qwen3</c>.</exception>
    /// <exception cref="ObjectDisposedException">The weights are disposed.</exception>
    public static LlamaModel FromWeights(LLamaWeights weights, string path, LlamaModelOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(weights);
        options ??= new();
        var file = ModelFile.Read(path);
        LibraryLoader.EnsureLoaded(options.LibraryDirectory, options.Backend);
        var offload = GpuOffload.Choose(options, LlamaDevice.GetAll());
        SafeLlamaModelHandle handle = weights.NativeHandle;
        bool added = false;
        handle.DangerousAddRef(ref added);
        try
        {
            return weights.EmbeddingSize == file.EmbeddingLength && handle.LayerCount == file.LayerCount && handle.Vocab.Count == file.Header.TokenTypes.Count
                ? new(file, offload, handle, isBorrowed: true)
                : throw new ArgumentException(
                    $"The weights ({handle.LayerCount} layers of {weights.EmbeddingSize}, {handle.Vocab.Count} tokens) are not those of {file.Path} " +
                    $"({file.LayerCount} layers of {file.EmbeddingLength}, {file.Header.TokenTypes.Count} tokens). Give the file that they were loaded from.",
                    nameof(path));
        }
        catch
        {
            handle.DangerousRelease();
            throw;
        }
    }

    /// <summary>Frees the model once no engine uses it any more.</summary>
    /// <remarks>Weights that were handed over by <see cref="FromWeights"/> stay the application's.</remarks>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        if (_isBorrowed)
        {
            Handle.DangerousRelease();
        }
        else
        {
            Handle.Dispose();
        }
    }

    private static LlamaModel Load(string path, LlamaModelOptions options, CancellationToken cancellationToken)
    {
        var file = ModelFile.Read(path);
        LlamaLibrary library = LibraryLoader.EnsureLoaded(options.LibraryDirectory, options.Backend);
        Log(library, options);
        var offload = GpuOffload.Choose(options, LlamaDevice.GetAll());
        var free = FreeMemory.Now(offload);
        var plan = MemoryPlan.Create(file.Shape, file.Header.TensorBytes, adapterBytes: 0, new(), offload.LayersOf(file.Shape.LayerCount), free);
        plan.RequireWeights(options.MemoryLimit, free);
        SafeLlamaModelHandle handle = LoadNative(file.Path, options, offload, cancellationToken);
        try
        {
            return new(file, offload, handle, isBorrowed: false);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static unsafe SafeLlamaModelHandle LoadNative(string path, LlamaModelOptions options, GpuOffload offload, CancellationToken cancellationToken)
    {
        ILogger logger = options.LoggerFactory?.CreateLogger<LlamaModel>() ?? NullLogger<LlamaModel>.Instance;
        Exception? failure = null;
        // Returns false to stop the loading. An exception that left it would end the process.
        LlamaProgressCallback progress = (value, _) =>
        {
            try
            {
                if (!cancellationToken.IsCancellationRequested)
                {
                    options.Progress?.Report(value);
                }

                return !cancellationToken.IsCancellationRequested;
            }
            catch (Exception e)
            {
                failure = e;
                return false;
            }
        };
        using NativeLog.Scope log = NativeLog.Capture(logger);
        try
        {
            var parameters = LLamaModelParams.Default();
            parameters.n_gpu_layers = options.GpuLayers ?? parameters.n_gpu_layers;
            parameters.progress_callback = progress;
            // Ends with a null pointer.
            nint[] devices = [.. offload.Gpus.Select(gpu => gpu.Handle), 0];
            float[] split = new float[GpuOffload.MaxDevices];
            offload.Split?.ToArray().CopyTo(split, 0);
            fixed (nint* devicePointer = devices)
            fixed (float* splitPointer = split)
            {
                parameters.devices = devicePointer;
                parameters.tensor_split = offload.Split is null ? null : splitPointer;
                return SafeLlamaModelHandle.LoadFromFile(path, parameters);
            }
        }
        catch (LoadWeightsFailedException)
        {
            // Explained below.
        }
        finally
        {
            GC.KeepAlive(progress);
        }

        cancellationToken.ThrowIfCancellationRequested();
        throw failure is not null
            ? new LlamaException($"Loading {path} stopped because {nameof(LlamaModelOptions)}.{nameof(LlamaModelOptions.Progress)} threw an exception.", failure)
            : new ModelFileException(path, $"llama.cpp could not load {path}. Fetch the file again, or try another quantization of the model.{log.TakeErrors()}");
    }

    private static void Log(LlamaLibrary library, LlamaModelOptions options)
    {
        ILogger logger = options.LoggerFactory?.CreateLogger<LlamaModel>() ?? NullLogger<LlamaModel>.Instance;
        LogLibrary(logger, library.Path, library.Backend, library.Variant, library.ThreadWaiting);
        foreach (string error in library.Skipped)
        {
            LogSkipped(logger, error);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "llama.cpp is {Path} (backend {Backend}, variant {Variant}); waiting threads: {ThreadWaiting}")]
    private static partial void LogLibrary(ILogger logger, string path, LlamaBackend? backend, string? variant, string threadWaiting);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A preferred build of llama.cpp is installed and cannot be used: {Error}")]
    private static partial void LogSkipped(ILogger logger, string error);
}
