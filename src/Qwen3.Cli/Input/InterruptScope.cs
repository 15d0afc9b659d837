namespace Qwen3.Cli.Input;

/// <summary>Something under way that can be stopped.</summary>
internal sealed class InterruptScope(CancellationTokenSource source, Action? onDispose = null) : IDisposable
{
    public CancellationToken Token => source.Token;

    public void Dispose()
    {
        onDispose?.Invoke();
        source.Dispose();
    }
}
