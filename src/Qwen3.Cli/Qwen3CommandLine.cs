using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using Qwen3.Cli.Commands;

namespace Qwen3.Cli;

/// <summary>The command line with all commands.</summary>
internal static class Qwen3CommandLine
{
    /// <summary>The option of every command.</summary>
    public const string Verbose = "--verbose";

    public static RootCommand Create(Terminal terminal)
    {
        var root = new RootCommand("Qwen3 models on this machine, in this process: no server, no key.")
        {
            new Option<bool>(Verbose)
            {
                Description = "Write the log and the stack traces of errors to standard error.",
                Recursive = true,
            },
            new PullCommand(terminal),
            new ListCommand(terminal),
            new ShowCommand(terminal),
            new ChatCommand(terminal),
            new RunCommand(terminal),
            new ServeCommand(terminal),
            new BenchCommand(terminal),
            new DoctorCommand(terminal),
        };
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new ExamplesHelpAction((HelpAction)help.Action!);
        root.SetAction(parse => ((ExamplesHelpAction)help.Action).Invoke(parse));
        return root;
    }

    /// <summary>Runs one command.</summary>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> InvokeAsync(
        string[] args, Terminal terminal, CancellationToken cancellationToken = default)
    {
        ParseResult parse = Create(terminal).Parse(args);
        if (parse.Errors.Count > 0)
        {
            foreach (ParseError error in parse.Errors)
            {
                terminal.WriteError($"qwen3: {error.Message}");
            }

            terminal.Error.WriteLine($"Try '{string.Join(' ', Names(parse.CommandResult).Reverse())} --help'.");
            return ExitCode.Usage;
        }

        var configuration = new InvocationConfiguration
        {
            Output = terminal.Out,
            Error = terminal.Error,
            EnableDefaultExceptionHandler = false,
            // A step of the model takes less time. A server stops by itself after running answers.
            ProcessTerminationTimeout = parse.CommandResult.Command is ServeCommand ? null : TimeSpan.FromSeconds(5),
        };
        return await parse.InvokeAsync(configuration, cancellationToken);
    }

    private static IEnumerable<string> Names(CommandResult command)
    {
        for (SymbolResult? result = command; result is not null; result = result.Parent)
        {
            yield return result is CommandResult { Command: RootCommand }
                ? "qwen3"
                : ((CommandResult)result).Command.Name;
        }
    }
}
