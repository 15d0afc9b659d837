using Microsoft.Extensions.AI;
using Qwen3.Cli.Input;
using Qwen3.LlamaCpp;

namespace Qwen3.Cli.Conversation;

/// <summary>Reads messages, answers them, and executes commands, which begin with a slash.</summary>
internal sealed class ChatLoop(Terminal terminal, ILineReader input, ChatSession session)
{
    private const string Help =
        """
        /think, /no_think   switch reasoning on or off; also at the end of a message
        /system TEXT        set the system message; without TEXT show it
        /clear              start a new conversation
        /stats              tokens and speed of the last answer
        /exit               leave; Ctrl+D does the same
        Alt+Enter, or a backslash at the end of a line, starts a new line. Up and down show the history.
        Ctrl+C stops an answer.
        """;

    /// <returns>Whether each message was answered, or its answer was stopped by the person.</returns>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        bool hasAll = true;
        while (await input.ReadAsync(cancellationToken) is { } message)
        {
            message = ReadSwitch(message.Trim());
            if (message is "/exit" or "/quit" or "/bye")
            {
                break;
            }

            if (message.StartsWith('/') && DoCommand(message))
            {
                continue;
            }

            if (message.Length > 0)
            {
                hasAll &= await AnswerAsync(message, cancellationToken);
            }
        }

        return hasAll;
    }

    /// <summary>Applies a switch at the end of a message and removes it.</summary>
    private string ReadSwitch(string message)
    {
        foreach ((string name, bool thinks) in ((string, bool)[])[("/think", true), ("/no_think", false)])
        {
            if (message == name)
            {
                terminal.WriteNote(session.SetThinking(thinks));
                return "";
            }

            if (message.EndsWith($" {name}", StringComparison.Ordinal)
                || message.EndsWith($"\n{name}", StringComparison.Ordinal))
            {
                session.SetThinking(thinks);
                return message[..^name.Length].TrimEnd();
            }
        }

        return message;
    }

    /// <returns>Whether the message is a command. A path at the start of a question is not one.</returns>
    private bool DoCommand(string message)
    {
        string[] words = message.Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries);
        switch (words[0])
        {
            case "/help" or "/?":
                terminal.WriteNote(Help);
                return true;
            case "/clear":
                session.Clear();
                terminal.WriteNote("A new conversation starts.");
                return true;
            case "/system":
                session.System = words.Length > 1 ? words[1] : session.System;
                terminal.WriteNote(
                    session.System is { } system ? $"System message: {system}" : "There is no system message.");
                return true;
            case "/stats":
                terminal.WriteNote(session.Stats());
                return true;
            default:
                bool isCommand = !words[0][1..].Contains('/');
                if (isCommand)
                {
                    terminal.WriteNote($"There is no command {words[0]}; /help lists them.");
                }

                return isCommand;
        }
    }

    private async Task<bool> AnswerAsync(string question, CancellationToken cancellationToken)
    {
        var writer = new AnswerWriter(
            piece => terminal.Out.Write(terminal.Printable(piece)), piece => terminal.Out.Write(terminal.Dim(piece)));
        using InterruptScope interrupt = input.Interruptible(cancellationToken);
        try
        {
            ChatFinishReason? reason = await session.AskAsync(question, writer.Write, interrupt.Token);
            writer.End();
            if (reason == ChatFinishReason.Length)
            {
                terminal.WriteNote("(cut off: --max-tokens or --context was reached)");
            }

            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            writer.End();
            terminal.WriteNote("(stopped)");
            return true;
        }
        // The conversation continues: a question that is too long can be shortened.
        catch (Exception e) when (e is Qwen3Exception or NotSupportedException or ArgumentException)
        {
            writer.End();
            terminal.WriteError($"qwen3: {ErrorLine.For(e)}");
            return false;
        }
    }
}
