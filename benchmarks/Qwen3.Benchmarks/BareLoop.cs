using System.Diagnostics;
using Qwen3.LlamaCpp;
using Qwen3.LlamaCpp.Native;
using Qwen3.LlamaCpp.Sampling;
using Qwen3.LlamaCpp.Scheduling;

namespace Qwen3.Benchmarks;

/// <summary>The least code that generates with llama.cpp's C API: what the engine is held against.</summary>
internal sealed unsafe class BareLoop : IDisposable
{
    private readonly LlamaModel _model;
    private readonly ContextHandle _context;
    private readonly nint _memory;
    private readonly TokenBatch _batch = new(512);

    public BareLoop(LlamaModel model, int contextSize, int sequences)
    {
        _model = model;
        LlamaContextParams parameters = NativeMethods.llama_context_default_params();
        parameters.ContextSize = (uint)contextSize;
        parameters.BatchSize = parameters.MicroBatchSize = 512;
        parameters.MaxSequences = parameters.MaxOutputs = (uint)sequences;
        parameters.Threads = parameters.BatchThreads = Environment.ProcessorCount;
        parameters.NoPerformanceTimings = 1;
        parameters.UnifiedKeyValueCache = 1;
        _context = new(model.Handle, parameters);
        _memory = NativeMethods.llama_get_memory(_context);
    }

    /// <summary>Computes tokens behind the ones that a sequence has.</summary>
    public TimeSpan Prompt(ReadOnlySpan<int> tokens, int position = 0, int sequence = 0)
    {
        var clock = Stopwatch.StartNew();
        for (int start = 0; start < tokens.Length; start += _batch.Capacity)
        {
            int length = Math.Min(_batch.Capacity, tokens.Length - start);
            _batch.Clear();
            for (int i = 0; i < length; i++)
            {
                _batch.Add(tokens[start + i], position + start + i, sequence, hasOutput: start + i == tokens.Length - 1);
            }

            Decode();
        }

        return clock.Elapsed;
    }

    /// <summary>Generates with all sequences at once, after a prompt of one token each.</summary>
    public TimeSpan Generate(SamplingOptions sampling, int sequences, int tokens)
    {
        Clear();
        SamplerHandle[] samplers = [.. Enumerable.Range(0, sequences).Select(_ => SamplerChain.Create(sampling, _model.Tokenizer.VocabularySize, tokens))];
        int[] last = [.. Enumerable.Range(1000, sequences)];
        TimeSpan first = default;
        var clock = Stopwatch.StartNew();
        for (int position = 0; position <= tokens; position++)
        {
            _batch.Clear();
            for (int i = 0; i < sequences; i++)
            {
                _batch.Add(last[i], position, i, hasOutput: true);
            }

            Decode();
            for (int i = 0; i < sequences; i++)
            {
                last[i] = NativeMethods.llama_sampler_sample(samplers[i], _context, i);
            }

            first = position == 0 ? clock.Elapsed : first;
        }

        Array.ForEach(samplers, sampler => sampler.Dispose());
        return clock.Elapsed - first;
    }

    public void Clear()
    {
        for (int i = 0; i < 16; i++)
        {
            NativeMethods.llama_memory_seq_rm(_memory, i, -1, -1);
        }
    }

    public void RemoveFrom(int position) => NativeMethods.llama_memory_seq_rm(_memory, 0, position, -1);

    public void Dispose() => _context.Dispose();

    private void Decode()
    {
        int result = NativeMethods.llama_decode(_context, _batch.ToNative());
        if (result != 0)
        {
            throw new LlamaException($"llama_decode answered {result}.");
        }
    }
}
