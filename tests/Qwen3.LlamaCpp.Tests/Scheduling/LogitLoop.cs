using LLama.Native;
using Qwen3.LlamaCpp.Loading;
using Qwen3.LlamaCpp.Execution;

namespace Qwen3.LlamaCpp.Tests.Scheduling;

/// <summary>The least code that shows a model's predictions, in steps of any shape.</summary>
internal sealed class LogitLoop : IDisposable
{
    private readonly SafeLLamaContextHandle _context;
    private readonly TokenBatch _batch = new(256);
    private readonly int _sequences;

    public LogitLoop(LlamaModel model, int sequences)
    {
        _sequences = sequences;
        var parameters = LLamaContextParams.Default();
        parameters.n_ctx = 2048;
        parameters.n_batch = parameters.n_ubatch = (uint)_batch.Capacity;
        parameters.n_seq_max = parameters.n_outputs_max = (uint)sequences;
        // More would wait for each other wherever another program runs.
        parameters.n_threads = parameters.n_threads_batch = 1;
        parameters.kv_unified = true;
        _context = ContextFactory.Create(model.Handle, parameters);
    }

    /// <summary>Adds tokens of a sequence to the next step and returns the index by which the last one's predictions are asked for.</summary>
    public int Add(int sequence, ReadOnlySpan<int> tokens, int position, bool hasOutput)
    {
        int index = -1;
        for (int i = 0; i < tokens.Length; i++)
        {
            index = _batch.Add(tokens[i], position + i, sequence, hasOutput && i == tokens.Length - 1);
        }

        return index;
    }

    public void Compute()
    {
        Assert.Equal(0, NativeMethods.llama_decode(_context, _batch.ToNative()));
        _batch.Clear();
    }

    public ReadOnlySpan<float> Logits(int index) => _context.GetLogitsIth(index);

    /// <summary>Lets a sequence begin with what another one has computed.</summary>
    public void CopyPrefix(int source, int destination, int length) => _context.MemorySequenceCopy((LLamaSeqId)source, (LLamaSeqId)destination, 0, length);

    public void Clear()
    {
        for (int sequence = 0; sequence < _sequences; sequence++)
        {
            _context.MemorySequenceRemove((LLamaSeqId)sequence, -1, -1);
        }
    }

    public void Dispose() => _context.Dispose();
}
