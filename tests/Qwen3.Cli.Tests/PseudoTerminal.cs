using System.Diagnostics;
using System.Text;

namespace Qwen3.Cli.Tests;

/// <summary>
/// The tool at a terminal of 80 columns and 24 rows, a real one for all that it can tell: util-linux's <c>script</c>
/// opens a pseudo-terminal and hands on what is typed and shown.
/// </summary>
internal sealed class PseudoTerminal : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly Process _script;
    private readonly StringBuilder _shown = new();
    private int _seen;

    public PseudoTerminal(IReadOnlyDictionary<string, string?> environment, params string[] args)
    {
        string command = string.Join(
            ' ', ((string[])["dotnet", Files.Tool, .. args]).Select(word => $"'{word.Replace("'", "'\\''")}'"));
        // Its own exit code is the command's.
        string[] options = ["--quiet", "--flush", "--return", "--command", $"stty cols 80 rows 24; exec {command}",
            "/dev/null"];
        var start = new ProcessStartInfo("script", options)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardInputEncoding = new UTF8Encoding(false),
            StandardOutputEncoding = Encoding.UTF8,
            Environment = { ["TERM"] = "xterm-256color", ["NO_COLOR"] = null },
        };
        foreach ((string name, string? value) in environment)
        {
            start.Environment[name] = value;
        }

        _script = Process.Start(start)!;
    }

    /// <summary>The output so far, including escape codes.</summary>
    public string Shown => _shown.ToString();

    public void Type(string keys)
    {
        _script.StandardInput.Write(keys);
        _script.StandardInput.Flush();
    }

    /// <summary>Waits until a text is shown after the text of the previous wait.</summary>
    /// <returns>The output since the previous wait.</returns>
    public async Task<string> WaitForAsync(string text)
    {
        using var patience = new CancellationTokenSource(s_patience);
        char[] buffer = new char[4096];
        int found;
        while ((found = Shown.IndexOf(text, _seen, StringComparison.Ordinal)) < 0)
        {
            int count = await _script.StandardOutput.ReadAsync(buffer, patience.Token);
            Assert.True(count > 0, $"The tool ended without showing '{text}'. It showed:\n{Shown}");
            _shown.Append(buffer, 0, count);
        }

        string shown = Shown[_seen..(found + text.Length)];
        _seen = found + text.Length;
        return shown;
    }

    /// <summary>Waits for the end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> EndAsync()
    {
        using var patience = new CancellationTokenSource(s_patience);
        _shown.Append(await _script.StandardOutput.ReadToEndAsync(patience.Token));
        await _script.WaitForExitAsync(patience.Token);
        return _script.ExitCode;
    }

    public void Dispose()
    {
        if (!_script.HasExited)
        {
            _script.Kill(entireProcessTree: true);
        }

        _script.Dispose();
    }
}
