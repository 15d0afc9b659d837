using System.Diagnostics;
using System.Threading.Channels;

namespace Qwen3.LlamaCpp;

/// <summary>A generation under way: its tokens as they come.</summary>
/// <remarks>
/// Enumerate it once. Leaving the enumeration early, or disposing the generation, cancels it. A cancelled generation ends with an
/// <see cref="OperationCanceledException"/>, a failed one with its <see cref="LlamaException"/>.
/// </remarks>
public sealed class Generation : IAsyncEnumerable<int>, IDisposable
{
    private readonly Channel<int> _tokens = Channel.CreateUnbounded<int>(new() { SingleReader = true });
    private readonly CancellationTokenRegistration _registration;
    private readonly CancellationToken _cancellationToken;
    private readonly Action<Generation> _onCancel;
    private readonly TimeProvider _timeProvider;
    private volatile bool _isCancelled;
    private volatile bool _interruptsStep;
    private volatile GenerationResult? _result;
    private volatile int _cachedTokens;
    private volatile ThinkingEnd _thinkingEnd;
    private int _isEnumerated;
    private int _isWaiting = 1;
    private int _read;

    internal Generation(
        GenerationRequest request, int maxTokens, Action<Generation> onCancel, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        Request = request;
        MaxTokens = maxTokens;
        Created = timeProvider.GetTimestamp();
        _onCancel = onCancel;
        _timeProvider = timeProvider;
        _cancellationToken = cancellationToken;
        _registration = cancellationToken.UnsafeRegister(static generation => ((Generation)generation!).Dispose(), this);
    }

    /// <summary>Gets how the generation went.</summary>
    /// <exception cref="InvalidOperationException">It has not ended, or did not end by itself.</exception>
    public GenerationResult Result => _result
        ?? throw new InvalidOperationException("The generation has no result: it is still under way, was cancelled, or failed.");

    /// <summary>Gets how many of the prompt's tokens were in the KV cache already; known once the first token has come, and 0 before.</summary>
    public int CachedTokens
    {
        get => _cachedTokens;
        internal set => _cachedTokens = value;
    }

    /// <summary>Gets what ended the model's thinking, as far as the answer has come.</summary>
    public ThinkingEnd ThinkingEnd
    {
        get => _thinkingEnd;
        internal set => _thinkingEnd = value;
    }

    internal GenerationRequest Request { get; }

    /// <summary>The request's span, if anybody listens.</summary>
    internal Activity? Activity { get; set; }

    internal int MaxTokens { get; }

    internal long Created { get; }

    /// <summary>When its turn came.</summary>
    internal long? Started { get; set; }

    internal long FirstToken { get; set; }

    internal bool IsCancelled => _isCancelled;

    /// <summary>Whether a cancellation is worth interrupting the step that is computed now.</summary>
    internal bool InterruptsStep
    {
        get => _interruptsStep;
        set => _interruptsStep = value;
    }

    /// <summary>Enumerates the generated tokens; the first call alone succeeds.</summary>
    /// <param name="cancellationToken">Cancels the generation.</param>
    /// <returns>The tokens' ids, without the stop token.</returns>
    /// <exception cref="InvalidOperationException">The generation is enumerated already.</exception>
    public async IAsyncEnumerator<int> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _isEnumerated, 1) != 0)
        {
            throw new InvalidOperationException("A generation can be enumerated once.");
        }

        try
        {
            while (await _tokens.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                while (_tokens.Reader.TryRead(out int token))
                {
                    // Not what was computed ahead of the reader, either.
                    _cancellationToken.ThrowIfCancellationRequested();
                    cancellationToken.ThrowIfCancellationRequested();
                    _read++;
                    yield return token;
                }
            }
        }
        finally
        {
            Dispose();
        }
    }

    /// <summary>Ends the generation with the token that was read last, as if the model had stopped there.</summary>
    /// <returns>How it went up to that token.</returns>
    /// <exception cref="InvalidOperationException">No token was read.</exception>
    public GenerationResult Stop()
    {
        if (_read == 0)
        {
            throw new InvalidOperationException("The generation has no token yet that it could end with. Dispose it to cancel it.");
        }

        Dispose();
        return CreateResult(FinishReason.Stop, _read);
    }

    /// <summary>Cancels the generation unless it has ended.</summary>
    public void Dispose()
    {
        // The reader is let go at once, also where the request still waits for its turn; the engine follows within a token's time.
        if (_tokens.Writer.TryComplete(
            _cancellationToken.IsCancellationRequested ? new OperationCanceledException(_cancellationToken) : new OperationCanceledException()))
        {
            _isCancelled = true;
            _onCancel(this);
        }

        _registration.Unregister();
    }

    /// <summary>Ends the waiting for a turn; <see langword="false"/> if it had ended.</summary>
    internal bool EndWaiting() => Interlocked.Exchange(ref _isWaiting, 0) == 1;

    internal void Write(int token) => _tokens.Writer.TryWrite(token);

    internal GenerationResult CreateResult(FinishReason reason, int tokens) => new()
    {
        FinishReason = reason,
        PromptTokens = Request.Prompt.Count,
        CachedTokens = CachedTokens,
        GeneratedTokens = tokens,
        QueueTime = _timeProvider.GetElapsedTime(Created, Started!.Value),
        PromptTime = _timeProvider.GetElapsedTime(Started.Value, FirstToken),
        GenerationTime = _timeProvider.GetElapsedTime(FirstToken),
        ThinkingEnd = ThinkingEnd,
    };

    internal void Complete(GenerationResult result)
    {
        _result = result;
        _registration.Unregister();
        _tokens.Writer.TryComplete();
    }

    internal void Fail(Exception exception)
    {
        _registration.Unregister();
        _tokens.Writer.TryComplete(exception);
    }
}
