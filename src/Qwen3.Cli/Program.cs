using System.Text;

namespace Qwen3.Cli;

internal static class Program
{
    public static Task<int> Main(string[] args)
    {
        // Answers are in any script; on Windows the console's own encoding may have no room for it.
        Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        return Qwen3CommandLine.InvokeAsync(args, Terminal.OfProcess());
    }
}
