using System.Threading.Channels;

namespace Qwen3.Cli.Input;

/// <summary>
/// Reads the terminal's keys on a thread of its own for as long as the program runs, so that Ctrl+C is seen while an
/// answer comes and what is typed meanwhile is not lost.
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

    public static bool IsInterrupt(ConsoleKeyInfo key) => key is { Key: ConsoleKey.C, Modifiers: ConsoleModifiers.Control };

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

    /// <summary>Stops what is under way; <see langword="false"/> if nothing is.</summary>
    private bool Interrupt()
    {
        // Under the lock it is not disposed yet.
        lock (_lock)
        {
            if (_interruptible is not { } source)
            {
                return false;
            }

            // On another thread, for what waited for it goes on where it is cancelled, and this one has keys to read.
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
            // The terminal is gone, which ends the input.
            _keys.Writer.TryComplete();
        }
    }
}
