using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Qwen3.Cli.Commands;

namespace Qwen3.Cli;

/// <summary>Writes the help of a command with examples.</summary>
internal sealed class ExamplesHelpAction(HelpAction help) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        int exitCode = help.Invoke(parseResult);
        IReadOnlyList<string> examples = parseResult.CommandResult.Command is CliCommand command
            ? command.Examples
            : [];
        if (examples.Count > 0)
        {
            TextWriter output = parseResult.InvocationConfiguration.Output;
            output.WriteLine($"Examples:\n{string.Join('\n', examples.Select(example => $"  {example}"))}\n");
        }

        return exitCode;
    }
}
