using System.Text;
using Qwen3.Cli;

// Answers are in any script; on Windows the console's own encoding may have no room for it.
Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
return await Qwen3CommandLine.InvokeAsync(args, Terminal.OfProcess());
