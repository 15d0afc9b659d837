using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Qwen3.LlamaCpp.Native;

/// <summary>
/// Routes llama.cpp's log, which is one for the process, to the logger of whoever called into it, and keeps the last
/// errors: llama.cpp tells the reason of a failure nowhere else.
/// </summary>
internal static partial class NativeLog
{
    private const int Debug = 1, Info = 2, Warning = 3, Error = 4, Continuation = 5;

    // llama.cpp logs on the thread that called it, so the caller's logger is the thread's.
    [ThreadStatic]
    private static Scope? t_current;

    public static unsafe void Install() => NativeMethods.llama_log_set(&OnLog, 0);

    /// <summary>Sends what llama.cpp logs on this thread to <paramref name="logger"/> until the scope is disposed.</summary>
    public static Scope Capture(ILogger? logger) => t_current = new Scope(logger ?? NullLogger.Instance, t_current);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static unsafe void OnLog(int level, byte* text, nint userData)
    {
        try
        {
            t_current?.Append(level, NativeMethods.ToText(text));
        }
        catch (Exception e)
        {
            // An exception that left this method would end the process; the scope hands it to the caller instead.
            t_current?.LoggingFailed(e);
        }
    }

    [LoggerMessage(Level = LogLevel.Trace, Message = "llama.cpp: {Line}")]
    private static partial void LogDebug(ILogger logger, string line);

    [LoggerMessage(Level = LogLevel.Debug, Message = "llama.cpp: {Line}")]
    private static partial void LogInformation(ILogger logger, string line);

    [LoggerMessage(Level = LogLevel.Warning, Message = "llama.cpp: {Line}")]
    private static partial void LogWarning(ILogger logger, string line);

    [LoggerMessage(Level = LogLevel.Error, Message = "llama.cpp: {Line}")]
    private static partial void LogError(ILogger logger, string line);

    internal sealed class Scope(ILogger logger, Scope? outer) : IDisposable
    {
        private const int MaxErrors = 8;

        private readonly StringBuilder _line = new();
        private readonly Queue<string> _errors = new();
        private int _level = Info;

        /// <summary>The last warnings and errors since the call before, ready to be appended to an exception's message; empty if there were none.</summary>
        public string TakeErrors()
        {
            EndLine();
            string errors = _errors.Count == 0 ? "" : "\nllama.cpp said:\n  " + string.Join("\n  ", _errors);
            _errors.Clear();
            return errors;
        }

        public void Append(int level, string text)
        {
            if (level != Continuation)
            {
                EndLine();
                _level = level;
            }

            _line.Append(text);
            if (text.EndsWith('\n'))
            {
                EndLine();
            }
        }

        public void LoggingFailed(Exception exception) => Remember($"(a logger threw {exception.GetType().Name}: {exception.Message})");

        public void Dispose() => t_current = outer;

        private void EndLine()
        {
            string line = _line.ToString().TrimEnd();
            _line.Clear();
            if (line.Length == 0)
            {
                return;
            }

            switch (_level)
            {
                case Debug:
                    LogDebug(logger, line);
                    break;
                case Warning:
                    Remember(line);
                    LogWarning(logger, line);
                    break;
                case Error:
                    Remember(line);
                    LogError(logger, line);
                    break;
                default:
                    LogInformation(logger, line);
                    break;
            }
        }

        private void Remember(string line)
        {
            if (_errors.Count == MaxErrors)
            {
                _errors.Dequeue();
            }

            _errors.Enqueue(line);
        }
    }
}
