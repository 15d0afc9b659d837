namespace Qwen3.Cli;

/// <summary>The exit codes of the process.</summary>
internal static class ExitCode
{
    public const int Success = 0;
    public const int Failure = 1;

    /// <summary>The command line is invalid.</summary>
    public const int Usage = 2;

    /// <summary>Stopped by Ctrl+C; as in shells, 128 and the number of the signal.</summary>
    public const int Cancelled = 130;
}

/// <summary>A command failed; the message has the reason and what to do.</summary>
internal sealed class CommandException(
    string message, int exitCode = ExitCode.Failure, Exception? innerException = null)
    : Exception(message, innerException)
{
    public int ExitCode => exitCode;
}
