namespace Qwen3.Cli;

/// <summary>A command cannot do what it was asked for: the message says why, and what to do.</summary>
internal sealed class CommandException(string message, int exitCode = ExitCode.Failure, Exception? innerException = null)
    : Exception(message, innerException)
{
    public int ExitCode => exitCode;
}
