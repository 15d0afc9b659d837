namespace Qwen3.Tests;

/// <summary>The content of a file: a block that is repeated up to the length.</summary>
/// <param name="Block">The block.</param>
/// <param name="Length">The file's length.</param>
/// <param name="Checksum">The SHA-256 that the hub states.</param>
public sealed record HubContent(byte[] Block, long Length, string Checksum) : IComparable<HubContent>
{
    private const int PieceLength = 1 << 18;

    /// <summary>Returns some bytes from an offset.</summary>
    public ReadOnlyMemory<byte> Piece(long offset, long most)
    {
        int at = (int)(offset % Block.Length);
        return Block.AsMemory(at, (int)Math.Min(Math.Min(PieceLength, Block.Length - at), most));
    }

    public int CompareTo(HubContent? other) => string.CompareOrdinal(Checksum, other?.Checksum);
}
