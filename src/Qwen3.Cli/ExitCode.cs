namespace Qwen3.Cli;

/// <summary>What the process answers to the shell.</summary>
internal static class ExitCode
{
    public const int Success = 0;
    public const int Failure = 1;

    /// <summary>The command line was not understood.</summary>
    public const int Usage = 2;

    /// <summary>Ctrl+C, as shells have it: 128 and the number of the signal.</summary>
    public const int Cancelled = 130;
}
