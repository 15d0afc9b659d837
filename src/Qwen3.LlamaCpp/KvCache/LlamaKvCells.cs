using LLama.Native;

namespace Qwen3.LlamaCpp.KvCache;

/// <summary>The cells of a llama context.</summary>
internal sealed unsafe class LlamaKvCells(SafeLLamaContextHandle context) : IKvCells
{
    // Below n_seq_max of every context: llama.cpp writes the cells of other sequences in a form that it cannot read.
    private static readonly LLamaSeqId s_transfer = LLamaSeqId.Zero;

    public void Copy(int source, int destination, int length) =>
        context.MemorySequenceCopy((LLamaSeqId)source, (LLamaSeqId)destination, 0, length);

    public void Remove(int sequence, int from) => context.MemorySequenceRemove((LLamaSeqId)sequence, from, -1);

    public bool Save(int sequence, string path, ReadOnlySpan<int> tokens)
    {
        context.MemorySequenceCopy((LLamaSeqId)sequence, s_transfer, 0, tokens.Length);
        try
        {
            fixed (int* pointer = tokens)
            {
                return NativeApi.llama_state_seq_save_file(context, path, s_transfer, (LLamaToken*)pointer, (nuint)tokens.Length) > 0;
            }
        }
        finally
        {
            context.MemorySequenceRemove(s_transfer, -1, -1);
        }
    }

    public int Load(int sequence, string path, Span<int> tokens)
    {
        try
        {
            nuint read, count;
            fixed (int* pointer = tokens)
            {
                read = NativeApi.llama_state_seq_load_file(
                    context, path, s_transfer, (LLamaToken*)pointer, (nuint)tokens.Length, out count);
            }

            if (read == 0)
            {
                return 0;
            }

            Copy((int)s_transfer, sequence, (int)count);
            return (int)count;
        }
        finally
        {
            context.MemorySequenceRemove(s_transfer, -1, -1);
        }
    }
}
