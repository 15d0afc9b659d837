using System.Security.Cryptography;
using Qwen3.LlamaCpp.Gguf;
using LLama.Native;
using Qwen3.LlamaCpp.Loading;

namespace Qwen3.LlamaCpp.Execution;

/// <summary>The LoRA adapters of an engine, which it owns. Those with the scale 0 are checked and left out.</summary>
internal sealed class AdapterSet : IDisposable
{
    private readonly LlamaModel _model;
    private readonly List<LoraAdapter> _adapters = [];
    private readonly List<AdapterHandle> _handles = [];

    /// <summary>Checks the adapters' files against the model, without loading them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A scale is no finite number.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFileException">A file is no adapter for the model.</exception>
    public AdapterSet(LlamaModel model, IReadOnlyList<LoraAdapter> adapters)
    {
        _model = model;
        using var identity = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (LoraAdapter adapter in adapters)
        {
            ArgumentNullException.ThrowIfNull(adapter);
            ArgumentException.ThrowIfNullOrEmpty(adapter.Path);
            if (!float.IsFinite(adapter.Scale))
            {
                throw new ArgumentOutOfRangeException(
                    nameof(adapters), adapter.Scale, $"The scale of the adapter {adapter.Path} must be a finite number; 1 is how it was trained.");
            }

            string path = Path.GetFullPath(adapter.Path);
            GgufHeader header = LoraFile.Read(path, model.Shape);
            if (adapter.Scale == 0)
            {
                continue;
            }

            _adapters.Add(adapter with { Path = path });
            Bytes += header.TensorBytes;
            identity.AppendData(BitConverter.GetBytes(adapter.Scale));
            using FileStream file = File.OpenRead(path);
            identity.AppendData(SHA256.HashData(file));
        }

        Identity = identity.GetHashAndReset();
    }

    /// <summary>The size of the adapters' weights.</summary>
    public long Bytes { get; }

    /// <summary>Tells the adapters and their scales from any others, by content.</summary>
    public byte[] Identity { get; }

    /// <summary>Loads the adapters and puts them in force in a context that has computed nothing yet.</summary>
    /// <exception cref="ModelFileException">llama.cpp refused a file.</exception>
    /// <exception cref="LlamaException">llama.cpp could not compute with them.</exception>
    public unsafe void Apply(SafeLLamaContextHandle context, TokenBatch batch, NativeLog.Scope log)
    {
        if (_adapters.Count == 0)
        {
            return;
        }

        foreach (LoraAdapter adapter in _adapters)
        {
            var handle = new AdapterHandle(_model.Handle, adapter.Path);
            if (handle.IsInvalid)
            {
                throw new ModelFileException(
                    adapter.Path, $"llama.cpp could not load the adapter {adapter.Path}. Give one that was trained over {_model.Path}.{log.TakeErrors()}");
            }

            _handles.Add(handle);
        }

        nint[] adapters = [.. _handles.Select(handle => handle.DangerousGetHandle())];
        float[] scales = [.. _adapters.Select(adapter => adapter.Scale)];
        lock (AdapterHandle.LockOf(_model.Handle))
        {
            fixed (nint* adapterPointer = adapters)
            fixed (float* scalePointer = scales)
            {
                NativeMethods.llama_set_adapters_lora(context, adapterPointer, (nuint)adapters.Length, scalePointer);
            }

            // The first step plans its graph anew and goes through all adapters of the model: here, where none comes or goes.
            batch.Clear();
            batch.Add(token: 0, position: 0, sequence: 0, hasOutput: true);
            int result = NativeMethods.llama_decode(context, batch.ToNative());
            if (result != 0)
            {
                throw new LlamaException($"llama.cpp could not compute with the adapters (llama_decode answered {result}).{log.TakeErrors()}");
            }
        }

        context.MemorySequenceRemove((LLamaSeqId)0, -1, -1);
    }

    public void Dispose() => _handles.ForEach(handle => handle.Dispose());
}
