namespace Qwen3.Chat.Models.Fetching;

/// <summary>Reads an answer's body, giving up after a while in which nothing comes.</summary>
internal sealed class StallWatch : IDisposable
{
    private readonly TimeSpan _timeout;
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _source;
    private readonly CancellationTokenRegistration _registration;

    public StallWatch(ModelHubOptions options, CancellationToken cancellationToken)
    {
        _timeout = options.Timeout;
        _caller = cancellationToken;
        _source = new(Timeout.InfiniteTimeSpan, options.TimeProvider);
        _registration = cancellationToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
    }

    /// <summary>Reads what there is; nothing at the end.</summary>
    /// <exception cref="IOException">Nothing came for a while.</exception>
    public async ValueTask<int> ReadAsync(Stream stream, Memory<byte> buffer)
    {
        _source.CancelAfter(_timeout);
        try
        {
            return await stream.ReadAsync(buffer, _source.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!_caller.IsCancellationRequested)
        {
            throw new IOException($"Nothing came for {_timeout.TotalSeconds} s.", e);
        }
    }

    public void Dispose()
    {
        _registration.Dispose();
        _source.Dispose();
    }
}
