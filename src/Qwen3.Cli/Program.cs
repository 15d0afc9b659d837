using System.Text;

namespace Qwen3.Cli;

internal static class Program
{
    public static Task<int> Main(string[] args)
    {
        // Answers can be in any script, which the default encoding of a Windows console cannot represent.
        Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        return Qwen3CommandLine.InvokeAsync(args, Terminal.OfProcess());
    }
}
