using System.Text;

namespace Qwen3.Cli.Input;

/// <summary>
/// Reads messages from a stream, one per line; a backslash at the end of a line joins it with the next one.
/// </summary>
internal sealed class PlainLineReader(TextReader input, TextWriter output) : ILineReader
{
    public async Task<string?> ReadAsync(CancellationToken cancellationToken)
    {
        var message = new StringBuilder();
        while (await input.ReadLineAsync(cancellationToken) is { } line)
        {
            if (!line.EndsWith('\\'))
            {
                return message.Append(line).ToString();
            }

            message.Append(line.AsSpan(0, line.Length - 1)).Append('\n');
        }

        return message.Length > 0 ? message.ToString() : null;
    }

    public async Task<string?> AskAsync(string question, CancellationToken cancellationToken)
    {
        await output.WriteAsync(question.AsMemory(), cancellationToken);
        return await input.ReadLineAsync(cancellationToken);
    }

    // Ctrl+C ends the command.
    public InterruptScope Interruptible(CancellationToken cancellationToken) =>
        new(CancellationTokenSource.CreateLinkedTokenSource(cancellationToken));
}
