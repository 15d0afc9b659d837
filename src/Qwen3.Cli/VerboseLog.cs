using System.CommandLine;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Qwen3.Cli;

/// <summary>The log on standard error.</summary>
internal static class VerboseLog
{
    /// <summary>Creates the loggers of a command. Dispose the factory to write the rest of the log.</summary>
    /// <returns>
    /// Loggers to standard error with <see cref="Qwen3CommandLine.Verbose"/>, otherwise loggers that write nothing.
    /// </returns>
    public static ILoggerFactory Create(ParseResult options) => options.GetValue<bool>(Qwen3CommandLine.Verbose)
        ? LoggerFactory.Create(builder => Add(builder.SetMinimumLevel(LogLevel.Debug)))
        : NullLoggerFactory.Instance;

    public static void Add(ILoggingBuilder builder) => builder
        .AddConsole(console =>
        {
            console.LogToStandardErrorThreshold = LogLevel.Trace;
            console.FormatterName = PrintableFormatter.FormatterName;
        })
        .AddConsoleFormatter<PrintableFormatter, ConsoleFormatterOptions>();

    /// <summary>
    /// Writes log entries without control characters: names and messages of models, files and tools must not control
    /// the terminal.
    /// </summary>
    private sealed class PrintableFormatter() : ConsoleFormatter(FormatterName)
    {
        public const string FormatterName = "printable";

        public override void Write<TState>(
            in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
        {
            string message = logEntry.Formatter(logEntry.State, logEntry.Exception);
            string entry = $"{Level(logEntry.LogLevel)}: {logEntry.Category}[{logEntry.EventId.Id}] {message}";
            textWriter.WriteLine(Terminal.WithoutControls(entry.ReplaceLineEndings(" ")));
            if (logEntry.Exception is { } exception)
            {
                textWriter.WriteLine(Terminal.WithoutControls(exception.ToString()));
            }
        }

        private static string Level(LogLevel level) => level switch
        {
            LogLevel.Trace => "trce",
            LogLevel.Debug => "dbug",
            LogLevel.Information => "info",
            LogLevel.Warning => "warn",
            LogLevel.Error => "fail",
            _ => "crit",
        };
    }
}
