using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Qwen3.Chat.Constraints;

/// <summary>
/// Logs what of schemas a grammar does not enforce, each place once and no more places than a person reads.
/// </summary>
internal sealed partial class SchemaLog(ILogger? logger)
{
    private const int MaxWarnings = 20;

    private readonly ILogger _logger = logger ?? NullLogger.Instance;
    private readonly HashSet<(string Keyword, string Pointer)> _logged = [];
    private int _warnings;

    /// <summary>Starts with another schema, whose places are others.</summary>
    public void StartSchema() => _logged.Clear();

    public void Unenforced(string keyword, SchemaLocation at)
    {
        if (_warnings < MaxWarnings && _logged.Add((keyword, at.Pointer)))
        {
            LogUnenforced(keyword, at.Pointer);
            Count();
        }
    }

    public void NoSchema(SchemaLocation at)
    {
        if (_warnings < MaxWarnings && _logged.Add(("", at.Pointer)))
        {
            LogNoSchema(at.Pointer);
            Count();
        }
    }

    public void LeftOut(string pointer, string reason)
    {
        if (_warnings < MaxWarnings && _logged.Add(("", pointer)))
        {
            LogLeftOut(pointer, reason);
            Count();
        }
    }

    private void Count()
    {
        if (++_warnings == MaxWarnings)
        {
            LogMore(MaxWarnings);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The grammar leaves out the property at {Pointer}, because its schema is unsatisfiable: {Reason}")]
    private partial void LogLeftOut(string pointer, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The grammar does not enforce the schema's '{Keyword}' at {Pointer}")]
    private partial void LogUnenforced(string keyword, string pointer);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The grammar allows any JSON where the schema has a value that is not a schema, at {Pointer}")]
    private partial void LogNoSchema(string pointer);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The grammar may not enforce more of the schema: no more than {Count} places are logged")]
    private partial void LogMore(int count);
}
