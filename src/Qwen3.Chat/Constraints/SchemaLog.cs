using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Qwen3.Chat.Constraints;

/// <summary>Tells of the keywords that a grammar does not enforce, of each once.</summary>
internal sealed partial class SchemaLog(ILogger? logger)
{
    private readonly ILogger _logger = logger ?? NullLogger.Instance;
    private readonly HashSet<(string Keyword, string Pointer)> _told = [];

    public void Unenforced(string keyword, string pointer)
    {
        if (_told.Add((keyword, pointer)))
        {
            LogUnenforced(keyword, pointer);
        }
    }

    public void NoSchema(string pointer)
    {
        if (_told.Add(("", pointer)))
        {
            LogNoSchema(pointer);
        }
    }

    public void LeftOut(string pointer, string reason)
    {
        if (_told.Add(("", pointer)))
        {
            LogLeftOut(pointer, reason);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The grammar leaves out the property at {Pointer}, for nothing satisfies its schema: {Reason}")]
    private partial void LogLeftOut(string pointer, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The grammar does not enforce the schema's '{Keyword}' at {Pointer}")]
    private partial void LogUnenforced(string keyword, string pointer);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The grammar allows any JSON where the schema has what is no schema, at {Pointer}")]
    private partial void LogNoSchema(string pointer);
}
