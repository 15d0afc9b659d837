using System.Threading.Channels;

namespace Qwen3.Cli.Input;

/// <summary>
/// Reads keys on a thread of its own until the program ends, so that Ctrl+C works during an answer and keys that are
/// typed then are not lost.
/// </summary>
/// <remarks>
/// Ctrl+C is a key here and not a signal: a signal would reach the MCP servers too, which are processes of the same
/// terminal, and end them.
/// </remarks>
internal sealed class KeyReader
{
    private readonly Channel<ConsoleKeyInfo> _keys = Channel.CreateUnbounded<ConsoleKeyInfo>();
    private readonly Lock _lock = new();
    private CancellationTokenSource? _interruptible;

    private KeyReader()
    {
    }

    public ChannelReader<ConsoleKeyInfo> Keys => _keys.Reader;

    public static KeyReader Start()
    {
        var reader = new KeyReader();
        Console.TreatControlCAsInput = true;
        new Thread(reader.Read) { IsBackground = true, Name = "keys" }.Start();
        return reader;
    }

    public static bool IsInterrupt(ConsoleKeyInfo key) =>
        key is { Key: ConsoleKey.C, Modifiers: ConsoleModifiers.Control };

    public InterruptScope Interruptible(CancellationToken cancellationToken)
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        SetInterruptible(source);
        return new(source, () => SetInterruptible(null));
    }

    private void SetInterruptible(CancellationTokenSource? source)
    {
        lock (_lock)
        {
            _interruptible = source;
        }
    }

    /// <summary>Cancels the current activity. Returns <see langword="false"/> if there is none.</summary>
    private bool Interrupt()
    {
        // The source is not disposed while the lock is held.
        lock (_lock)
        {
            if (_interruptible is not { } source)
            {
                return false;
            }

            // On another thread: continuations run where the source is cancelled, and this thread reads keys.
            _ = source.CancelAsync();
            return true;
        }
    }

    private void Read()
    {
        try
        {
            while (true)
            {
                ConsoleKeyInfo key = Console.ReadKey(intercept: true);
                if (!IsInterrupt(key) || !Interrupt())
                {
                    _keys.Writer.TryWrite(key);
                }
            }
        }
        catch (Exception e) when (e is InvalidOperationException or IOException)
        {
            // The terminal was closed, which ends the input.
            _keys.Writer.TryComplete();
        }
    }
}
