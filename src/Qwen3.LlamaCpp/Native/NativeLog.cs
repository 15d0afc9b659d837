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
    // An exception that left this method would end the process: the scope keeps what its logger throws for the caller.
    private static unsafe void OnLog(int level, byte* text, nint userData) => t_current?.Append(level, NativeMethods.ToText(text));

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
        private readonly List<(int Level, string Line)> _held = [];
        private bool _isHolding;
        private int _level = Info;

        /// <summary>The last warnings and errors since the call before, ready to be appended to an exception's message; empty if there were none.</summary>
        public string TakeErrors()
        {
            EndLine();
            string errors = _errors.Count == 0 ? "" : "\nllama.cpp said:\n  " + string.Join("\n  ", _errors);
            _errors.Clear();
            return errors;
        }

        /// <summary>Keeps what is logged from here on until <see cref="Release"/> says what it was about.</summary>
        public void Hold() => _isHolding = true;

        /// <summary>Logs what was held, or, of a call that was meant to fail, forgets it.</summary>
        public void Release(bool forget)
        {
            EndLine();
            _isHolding = false;
            foreach ((int level, string line) in forget ? [] : _held)
            {
                Log(level, line);
            }

            _held.Clear();
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

        public void Dispose() => t_current = outer;

        private void EndLine()
        {
            string line = _line.ToString().TrimEnd();
            _line.Clear();
            if (line.Length == 0)
            {
                return;
            }

            if (_isHolding)
            {
                _held.Add((_level, line));
            }
            else
            {
                Log(_level, line);
            }
        }

        private void Log(int level, string line)
        {
            if (level is Warning or Error)
            {
                Remember(line);
            }

            try
            {
                switch (level)
                {
                    case Debug:
                        LogDebug(logger, line);
                        break;
                    case Warning:
                        LogWarning(logger, line);
                        break;
                    case Error:
                        LogError(logger, line);
                        break;
                    default:
                        LogInformation(logger, line);
                        break;
                }
            }
            catch (Exception e)
            {
                Remember($"(a logger threw {e.GetType().Name}: {e.Message})");
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
