using Qwen3.LlamaCpp.Native;
using Qwen3.LlamaCpp.Scheduling;

namespace Qwen3.LlamaCpp.Tests.Scheduling;

/// <summary>The least code that shows a model's predictions, in steps of any shape.</summary>
internal sealed unsafe class LogitLoop : IDisposable
{
    private readonly ContextHandle _context;
    private readonly nint _memory;
    private readonly TokenBatch _batch = new(256);
    private readonly int _vocabularySize;
    private readonly int _sequences;

    public LogitLoop(LlamaModel model, int sequences)
    {
        _vocabularySize = model.Tokenizer.VocabularySize;
        _sequences = sequences;
        LlamaContextParams parameters = NativeMethods.llama_context_default_params();
        parameters.ContextSize = 2048;
        parameters.BatchSize = parameters.MicroBatchSize = (uint)_batch.Capacity;
        parameters.MaxSequences = parameters.MaxOutputs = (uint)sequences;
        // More would wait for each other wherever another program runs.
        parameters.Threads = parameters.BatchThreads = 1;
        parameters.UnifiedKeyValueCache = 1;
        _context = new(model.Handle, parameters);
        _memory = NativeMethods.llama_get_memory(_context);
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

    public ReadOnlySpan<float> Logits(int index) => new(NativeMethods.llama_get_logits_ith(_context, index), _vocabularySize);

    /// <summary>Lets a sequence begin with what another one has computed.</summary>
    public void CopyPrefix(int source, int destination, int length) => NativeMethods.llama_memory_seq_cp(_memory, source, destination, 0, length);

    public void Clear()
    {
        for (int sequence = 0; sequence < _sequences; sequence++)
        {
            NativeMethods.llama_memory_seq_rm(_memory, sequence, -1, -1);
        }
    }

    public void Dispose() => _context.Dispose();
}
