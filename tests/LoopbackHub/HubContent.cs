namespace Qwen3.Tests;

/// <summary>A file's content: a block, as often as it takes to fill the length.</summary>
/// <param name="Block">The block.</param>
/// <param name="Length">The file's length.</param>
/// <param name="Checksum">What the hub says that the file's SHA-256 is.</param>
public sealed record HubContent(byte[] Block, long Length, string Checksum) : IComparable<HubContent>
{
    private const int PieceLength = 1 << 18;

    /// <summary>Some bytes from an offset on.</summary>
    public ReadOnlyMemory<byte> Piece(long offset, long most)
    {
        int at = (int)(offset % Block.Length);
        return Block.AsMemory(at, (int)Math.Min(Math.Min(PieceLength, Block.Length - at), most));
    }

    public int CompareTo(HubContent? other) => string.CompareOrdinal(Checksum, other?.Checksum);
}
