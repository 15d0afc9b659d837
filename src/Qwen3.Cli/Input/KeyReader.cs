using System.Threading.Channels;

namespace Qwen3.Cli.Input;

/// <summary>
/// Reads the terminal's keys on a thread of its own for as long as the program runs, so that Ctrl+C is seen while an answer comes and what is
/// typed meanwhile is not lost.
/// </summary>
/// <remarks>
/// Ctrl+C is a key here and not a signal: a signal would reach the MCP servers too, which are processes of the same terminal, and end them.
/// </remarks>
internal sealed class KeyReader
{
    private readonly Channel<ConsoleKeyInfo> _keys = Channel.CreateUnbounded<ConsoleKeyInfo>();
    private volatile CancellationTokenSource? _interruptible;

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
        _interruptible = source;
        return new(source, () => _interruptible = null);
    }

    private void Read()
    {
        try
        {
            while (true)
            {
                ConsoleKeyInfo key = Console.ReadKey(intercept: true);
                if (IsInterrupt(key) && _interruptible is { } source)
                {
                    source.Cancel();
                }
                else
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
