namespace Qwen3.Remote.Tests;

/// <summary>
/// A connection that ends in the middle of a stream of events or lines, as where the server is killed.
/// </summary>
internal sealed class BreakingLine(Stream inner) : Stream
{
    private const int PiecesBefore = 4;

    private readonly byte[] _next = new byte[1];
    private readonly int[] _matched = new int[2];
    private int _pieces;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>An HTTP client with such connections.</summary>
    public static HttpClient CreateClient() => new(new SocketsHttpHandler
    {
        PlaintextStreamFilter = (context, _) => ValueTask.FromResult<Stream>(new BreakingLine(context.PlaintextStream)),
    });

    /// <summary>Byte by byte, so that it ends at the same place however the server sends.</summary>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
        {
            return await inner.ReadAsync(buffer, cancellationToken);
        }

        if (_pieces == PiecesBefore || await inner.ReadAsync(_next, cancellationToken) == 0)
        {
            return 0;
        }

        Look(buffer.Span[0] = _next[0]);
        return 1;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => inner.WriteAsync(buffer, cancellationToken);

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        inner.Dispose();
        base.Dispose(disposing);
    }

    private void Look(byte next)
    {
        Look(next, "data: "u8, ref _matched[0]);
        Look(next, "\"done\":false"u8, ref _matched[1]);
    }

    private void Look(byte next, ReadOnlySpan<byte> mark, ref int matched)
    {
        matched = next == mark[matched] ? matched + 1 : next == mark[0] ? 1 : 0;
        if (matched == mark.Length)
        {
            (_pieces, matched) = (_pieces + 1, 0);
        }
    }
}
