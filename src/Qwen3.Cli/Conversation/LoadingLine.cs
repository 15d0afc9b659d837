namespace Qwen3.Cli.Conversation;

/// <summary>
/// A line that tells how far the loading of a model is, and is gone when it is done. Nothing where no terminal shows
/// it.
/// </summary>
internal sealed class LoadingLine(Terminal terminal, string model) : IProgress<float>, IDisposable
{
    private readonly bool _isShown = terminal.ErrorTables.Profile.Capabilities.Ansi;
    private int _percent = -1;

    public void Report(float value)
    {
        int percent = (int)(value * 100);
        if (_isShown && percent != _percent)
        {
            _percent = percent;
            terminal.Error.Write($"\r{terminal.DimError($"Loading {model} {percent}%")}");
        }
    }

    public void Dispose()
    {
        if (_percent >= 0)
        {
            terminal.Error.Write("\r\e[K");
        }
    }
}
