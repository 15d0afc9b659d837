namespace Qwen3.Cli.Conversation;

/// <summary>Shows the progress of loading a model in a line on a terminal, and removes the line at the end.</summary>
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
