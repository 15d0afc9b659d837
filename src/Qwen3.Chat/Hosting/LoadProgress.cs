using Microsoft.Extensions.Logging;

namespace Qwen3.Chat.Hosting;

/// <summary>Writes to the log how far a model is loaded, in tenths, and passes on what it is told.</summary>
internal sealed partial class LoadProgress(string path, ILogger logger, IProgress<float>? next) : IProgress<float>
{
    private int _tenths = -1;

    public void Report(float value)
    {
        next?.Report(value);
        int tenths = (int)(value * 10);
        // It begins anew where the model is loaded again.
        if (tenths != _tenths)
        {
            _tenths = tenths;
            LogProgress(path, tenths * 10);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Loading {Path}: {Percent} %")]
    private partial void LogProgress(string path, int percent);
}
