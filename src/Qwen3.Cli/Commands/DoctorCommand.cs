using System.CommandLine;
using System.Text.Json;
using Qwen3.Cli.Diagnosis;
using Qwen3.Cli.Models;
using Spectre.Console;

namespace Qwen3.Cli.Commands;

/// <summary>Finds problems that keep models from running, or from running fast.</summary>
internal sealed class DoctorCommand : CliCommand
{
    private readonly Option<bool> _json = new("--json") { Description = "Print JSON." };

    public DoctorCommand(Terminal terminal)
        : base(
            terminal,
            "doctor",
            "Examine this machine, and say what keeps models from running and what to do. Exit code 1 if there " +
            "is a problem.",
            "qwen3 doctor")
    {
        Options.Add(_json);
    }

    protected override Task<int> RunAsync(ParseResult options, CancellationToken cancellationToken)
    {
        List<Finding> findings = [.. MachineFindings.All()];
        bool hasLibrary = findings.All(finding => finding.Level != FindingLevel.Problem);
        List<Finding> environment = [.. EnvironmentFindings.All(hasLibrary, cancellationToken)];
        bool isNamed = environment.Any(finding => finding.Subject == ModelChoice.Variable
            && finding.Level != FindingLevel.Problem);
        findings.AddRange(ModelFindings.All(hasLibrary, isNamed, cancellationToken));
        findings.Add(DiskFinding.OfModels());
        findings.AddRange(environment);
        if (options.GetValue(_json))
        {
            Terminal.Out.WriteLine(JsonSerializer.Serialize(findings, ReportJson.Readable.ListFinding));
        }
        else
        {
            findings.ForEach(Write);
        }

        return Task.FromResult(
            findings.Any(finding => finding.Level == FindingLevel.Problem) ? ExitCode.Failure : ExitCode.Success);
    }

    private void Write(Finding finding)
    {
        string mark = finding.Level switch
        {
            FindingLevel.Ok => "[green]ok[/]     ",
            FindingLevel.Warning => "[yellow]warning[/]",
            _ => "[red]problem[/]",
        };
        Terminal.Tables.MarkupLine($"{mark} {Terminal.Cell($"{finding.Subject}: {finding.Text}")}");
        if (finding.Advice is { } advice)
        {
            Terminal.Tables.MarkupLine($"        [bold]→[/] {Terminal.Cell(advice)}");
        }
    }
}
