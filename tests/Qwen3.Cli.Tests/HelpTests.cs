using System.CommandLine;
using Qwen3.Cli.Commands;

namespace Qwen3.Cli.Tests;

public sealed class HelpTests
{
    public static TheoryData<string> Commands => [.. Create().Subcommands.Select(command => command.Name)];

    [Fact]
    public async Task Without_a_command_the_commands_are_listed()
    {
        CliRun run = await CliRun.InProcessAsync("");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.All(Commands, command => Assert.Contains($"\n  {(string)command} ", run.Output));
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Each_command_has_examples_that_it_understands(string name)
    {
        CliRun run = await CliRun.InProcessAsync("", name, "--help");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        RootCommand root = Create();
        string[] examples = [.. ((CliCommand)root.Subcommands.Single(command => command.Name == name)).Examples];
        Assert.NotEmpty(examples);
        Assert.All(examples, example =>
        {
            Assert.Contains($"\n  {example}\n", run.Output);
            Assert.Empty(
                root.Parse(example[example.IndexOf("qwen3 ", StringComparison.Ordinal)..]["qwen3 ".Length..]).Errors);
        });
    }

    [Fact]
    public async Task Names_of_models_are_completed()
    {
        CliRun run = await CliRun.InProcessAsync("", "[suggest:12]", "qwen3 pull i");
        Assert.Contains("instruct-2507", run.Output.Split('\n'));
    }

    private static RootCommand Create() =>
        Qwen3CommandLine.Create(new(TextReader.Null, TextWriter.Null, TextWriter.Null));
}
