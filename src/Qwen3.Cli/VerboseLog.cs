using System.CommandLine;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Qwen3.Cli;

/// <summary>The log that <see cref="Qwen3CommandLine.Verbose"/> asks for.</summary>
internal static class VerboseLog
{
    /// <returns>Where the log goes: standard error, or nowhere unless it is asked for. To be disposed, which writes what is left.</returns>
    public static ILoggerFactory Create(ParseResult options) => options.GetValue<bool>(Qwen3CommandLine.Verbose)
        ? LoggerFactory.Create(builder => builder
            .SetMinimumLevel(LogLevel.Debug)
            .AddSimpleConsole(console => console.SingleLine = true)
            .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace))
        : NullLoggerFactory.Instance;
}
