namespace Qwen3.Remote;

/// <summary>What comes from a server, given up where it is silent for too long or nobody waits any more; for readers that see to neither.</summary>
/// <param name="inner">The stream.</param>
/// <param name="silence">For how long nothing may come.</param>
/// <param name="cancellationToken">Ends the reading.</param>
internal sealed class TimedStream(Stream inner, TimeSpan silence, CancellationToken cancellationToken) : Stream
{
    public override bool CanRead => true;

    public override bool CanWrite => false;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken token = default)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, token);
        patience.CancelAfter(silence);
        return await inner.ReadAsync(buffer, patience.Token).ConfigureAwait(false);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken token) => ReadAsync(buffer.AsMemory(offset, count), token).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
