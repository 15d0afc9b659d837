using System.Runtime.InteropServices;
using LLama.Native;

namespace Qwen3.LlamaCpp.Execution;

/// <summary>The tokens of one step, of several sequences, in the form that llama.cpp reads.</summary>
internal sealed unsafe class TokenBatch
{
    // Pinned, for llama.cpp reads them where they are.
    private readonly int[] _tokens;
    private readonly int[] _positions;
    private readonly int[] _sequenceIdCounts;
    private readonly int[] _sequenceIds;
    private readonly nint[] _sequenceIdPointers;
    private readonly byte[] _outputs;

    public TokenBatch(int capacity)
    {
        _tokens = GC.AllocateArray<int>(capacity, pinned: true);
        _positions = GC.AllocateArray<int>(capacity, pinned: true);
        _sequenceIdCounts = GC.AllocateArray<int>(capacity, pinned: true);
        _sequenceIds = GC.AllocateArray<int>(capacity, pinned: true);
        _sequenceIdPointers = GC.AllocateArray<nint>(capacity, pinned: true);
        _outputs = GC.AllocateArray<byte>(capacity, pinned: true);
        Array.Fill(_sequenceIdCounts, 1);
        for (int i = 0; i < capacity; i++)
        {
            _sequenceIdPointers[i] = Address(_sequenceIds, i);
        }
    }

    public int Count { get; private set; }

    public int Capacity => _tokens.Length;

    public void Clear() => Count = 0;

    /// <summary>Adds a token and returns its index, by which its predictions are asked for if it has any.</summary>
    public int Add(int token, int position, int sequence, bool hasOutput)
    {
        _tokens[Count] = token;
        _positions[Count] = position;
        _sequenceIds[Count] = sequence;
        _outputs[Count] = hasOutput ? (byte)1 : (byte)0;
        return Count++;
    }

    public LLamaNativeBatch ToNative() => new()
    {
        n_tokens = Count,
        tokens = (LLamaToken*)Address(_tokens, 0),
        pos = (LLamaPos*)Address(_positions, 0),
        n_seq_id = (int*)Address(_sequenceIdCounts, 0),
        seq_id = (LLamaSeqId**)Address(_sequenceIdPointers, 0),
        logits = (byte*)Address(_outputs, 0),
    };

    private static nint Address<T>(T[] pinned, int index) => Marshal.UnsafeAddrOfPinnedArrayElement(pinned, index);
}
