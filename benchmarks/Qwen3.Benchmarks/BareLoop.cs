using System.Diagnostics;
using LLama.Native;
using Qwen3.LlamaCpp;
using Qwen3.LlamaCpp.Loading;
using Qwen3.LlamaCpp.Sampling;
using Qwen3.LlamaCpp.Execution;

namespace Qwen3.Benchmarks;

/// <summary>The least code that generates with llama.cpp's C API: what the engine is held against.</summary>
internal sealed class BareLoop : IDisposable
{
    private readonly LlamaModel _model;
    private readonly SafeLLamaContextHandle _context;
    private readonly TokenBatch _batch = new(512);

    public BareLoop(LlamaModel model, int contextSize, int sequences)
    {
        _model = model;
        var parameters = LLamaContextParams.Default();
        parameters.n_ctx = (uint)contextSize;
        parameters.n_batch = parameters.n_ubatch = 512;
        parameters.n_seq_max = parameters.n_outputs_max = (uint)sequences;
        parameters.n_threads = parameters.n_threads_batch = Environment.ProcessorCount;
        parameters.no_perf = true;
        parameters.kv_unified = true;
        _context = ContextFactory.Create(model.Handle, parameters);
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
        SafeLLamaSamplerChainHandle[] samplers = [.. Enumerable.Range(0, sequences).Select(_ => SamplerChain.Create(sampling, _model.Tokenizer.VocabularySize, tokens))];
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
                last[i] = (int)samplers[i].Sample(_context, i);
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
            _context.MemorySequenceRemove((LLamaSeqId)i, -1, -1);
        }
    }

    public void RemoveFrom(int position) => _context.MemorySequenceRemove(LLamaSeqId.Zero, position, -1);

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
