using System.Text;
using System.Threading.Channels;

namespace Qwen3.Cli.Input;

/// <summary>Reads messages at a terminal, with editing, several lines in a message, and a history.</summary>
/// <remarks>
/// No existing package fits: RadLine 0.6.0, a preview of 2022, does not compile with the current Spectre.Console, whose
/// own prompt has neither history nor several lines; <see cref="Console.ReadLine"/> has no history on Unix.
/// </remarks>
internal sealed class LineEditor(KeyReader keys, TextWriter output, Func<(int Width, int Height)> size) : ILineReader
{
    // A key that follows Enter within this time was pasted, not typed.
    private static readonly TimeSpan s_pasteGap = TimeSpan.FromMilliseconds(20);

    private readonly InputView _view = new(output, size);
    private readonly InputHistory _history = new();

    public async Task<string?> ReadAsync(CancellationToken cancellationToken)
    {
        var edited = new EditedText();
        _view.Begin();
        try
        {
            bool? isComplete = null;
            while (isComplete is null)
            {
                if (keys.Keys.Count == 0)
                {
                    _view.Draw(edited.Text, edited.Cursor);
                }

                isComplete = await ApplyAsync(edited, await keys.Keys.ReadAsync(cancellationToken), cancellationToken);
            }

            // The following output starts below the last row.
            edited.Set(edited.Text);
            _view.Draw(edited.Text, edited.Cursor);
            _history.Add(edited.Text);
            return isComplete == true ? edited.Text : null;
        }
        catch (ChannelClosedException)
        {
            return null;
        }
        finally
        {
            output.WriteLine();
        }
    }

    public async Task<string?> AskAsync(string question, CancellationToken cancellationToken)
    {
        // Keys that were pressed before the question was shown do not answer it.
        while (keys.Keys.TryRead(out _))
        {
        }

        output.Write(question);
        var line = new StringBuilder();
        try
        {
            while (true)
            {
                ConsoleKeyInfo key = await keys.Keys.ReadAsync(cancellationToken);
                switch (key.Key)
                {
                    case ConsoleKey.Enter:
                        output.WriteLine();
                        return line.ToString();
                    case ConsoleKey.D when key.Modifiers == ConsoleModifiers.Control:
                        output.WriteLine();
                        return null;
                    case ConsoleKey.Backspace when line.Length > 0:
                        line.Length--;
                        output.Write("\b \b");
                        break;
                    case var _ when !char.IsControl(key.KeyChar):
                        line.Append(key.KeyChar);
                        output.Write(key.KeyChar);
                        break;
                }
            }
        }
        catch (ChannelClosedException)
        {
            return null;
        }
    }

    public InterruptScope Interruptible(CancellationToken cancellationToken) => keys.Interruptible(cancellationToken);

    /// <returns>
    /// <see langword="true"/> if the message is complete, <see langword="false"/> if the input has ended,
    /// <see langword="null"/> otherwise.
    /// </returns>
    private async Task<bool?> ApplyAsync(EditedText edited, ConsoleKeyInfo key, CancellationToken cancellationToken)
    {
        // Alone: Control and Alt together are AltGr, which makes letters.
        bool isControl = key.Modifiers == ConsoleModifiers.Control, isAlt = key.Modifiers.HasFlag(ConsoleModifiers.Alt);
        switch (key.Key)
        {
            case ConsoleKey.C when KeyReader.IsInterrupt(key):
                bool wasEmpty = edited.Text.Length == 0;
                edited.Set("");
                return wasEmpty ? false : null;
            case ConsoleKey.D when isControl:
                if (edited.Text.Length == 0)
                {
                    return false;
                }

                edited.Delete();
                break;
            // Ctrl+J is the line feed that terminals send for it.
            case ConsoleKey.Enter when isAlt || key.Modifiers.HasFlag(ConsoleModifiers.Shift) || key.KeyChar == '\n':
            case ConsoleKey.J when isControl:
                edited.Insert("\n");
                break;
            case ConsoleKey.Enter when edited.Text.AsSpan(0, edited.Cursor).EndsWith('\\'):
                edited.Backspace();
                edited.Insert("\n");
                break;
            case ConsoleKey.Enter:
                if (!await IsPastedAsync(cancellationToken))
                {
                    return true;
                }

                edited.Insert("\n");
                break;
            case ConsoleKey.UpArrow when !edited.Up():
                Show(edited, _history.Previous(edited.Text));
                break;
            case ConsoleKey.DownArrow when !edited.Down():
                Show(edited, _history.Next());
                break;
            default:
                EditingKeys.Apply(edited, key);
                break;
        }

        return null;
    }

    private static void Show(EditedText edited, string? entry)
    {
        if (entry is not null)
        {
            edited.Set(entry);
        }
    }

    private async Task<bool> IsPastedAsync(CancellationToken cancellationToken)
    {
        using var gap = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        gap.CancelAfter(s_pasteGap);
        try
        {
            return await keys.Keys.WaitToReadAsync(gap.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
