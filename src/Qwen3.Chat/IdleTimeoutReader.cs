namespace Qwen3.Chat;

/// <summary>Reads a response body, with a limit on the time between two reads that return data.</summary>
internal sealed class IdleTimeoutReader : IDisposable
{
    private readonly TimeSpan _timeout;
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _source;
    private readonly CancellationTokenRegistration _registration;

    public IdleTimeoutReader(TimeSpan timeout, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        _timeout = timeout;
        _caller = cancellationToken;
        _source = new(Timeout.InfiniteTimeSpan, timeProvider);
        _registration =
            cancellationToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
    }

    /// <summary>Reads the next bytes; returns zero at the end.</summary>
    /// <exception cref="IOException">
    /// No data was received within the timeout; the inner exception is a <see cref="TimeoutException"/>.
    /// </exception>
    public async ValueTask<int> ReadAsync(Stream stream, Memory<byte> buffer)
    {
        _source.CancelAfter(_timeout);
        try
        {
            return await stream.ReadAsync(buffer, _source.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!_caller.IsCancellationRequested)
        {
            string message = $"No data was received for {_timeout.TotalSeconds} s.";
            throw new IOException(message, new TimeoutException(message, e));
        }
    }

    public void Dispose()
    {
        _registration.Dispose();
        _source.Dispose();
    }
}
