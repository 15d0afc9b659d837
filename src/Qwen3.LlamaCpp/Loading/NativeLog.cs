using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Qwen3.LlamaCpp.Loading;

/// <summary>
/// Routes the log of llama.cpp, of which a process has one, to the logger of the code that called into it, and keeps the
/// last errors: llama.cpp reports the reason of a failure nowhere else.
/// </summary>
internal static unsafe partial class NativeLog
{
    private const int Debug = 1, Info = 2, Warning = 3, Error = 4, Continuation = 5;

    // llama.cpp logs on the thread that called it, so the caller's logger is the thread's.
    [ThreadStatic]
    private static Scope? t_current;

    private static readonly Lock s_lock = new();
    private static readonly nint s_own = (nint)(delegate* unmanaged[Cdecl]<int, byte*, nint, void>)&OnLog;
    private static nint s_previous;
    private static nint s_previousData;
    private static bool s_isForwarding;

    /// <summary>Takes over the log.</summary>
    /// <param name="isForwarding">
    /// Whether lines of threads outside of any scope go to the callback that was there before. llama.cpp's own writes to the
    /// console, so it is kept only where the application loaded the library.
    /// </param>
    public static void Install(bool isForwarding)
    {
        s_isForwarding = isForwarding;
        Attach();
    }

    /// <summary>Sends what llama.cpp logs on this thread to <paramref name="logger"/> until the scope is disposed.</summary>
    public static Scope Capture(ILogger? logger)
    {
        // The application may have set a callback of its own since.
        Attach();
        return t_current = new Scope(logger ?? NullLogger.Instance, t_current);
    }

    private static void Attach()
    {
        nint current, data;
        lock (s_lock)
        {
            NativeMethods.llama_log_get(&current, &data);
            if (current != s_own)
            {
                s_isForwarding |= s_previous != 0;
                (s_previous, s_previousData) = (current, data);
                NativeMethods.llama_log_set(s_own, 0);
            }
        }
    }

    // An exception that left this method would end the process: the scope keeps what its logger throws for the caller.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnLog(int level, byte* text, nint userData)
    {
        if (t_current is { } scope)
        {
            scope.Append(level, NativeMethods.ToText(text));
        }
        else if (s_isForwarding && s_previous != 0)
        {
            ((delegate* unmanaged[Cdecl]<int, byte*, nint, void>)s_previous)(level, text, s_previousData);
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
