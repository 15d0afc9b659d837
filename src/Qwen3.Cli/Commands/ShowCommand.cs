using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Qwen3.Cli.Models;
using Spectre.Console;

namespace Qwen3.Cli.Commands;

/// <summary>Shows the header of a model file and the memory that the model needs.</summary>
internal sealed class ShowCommand : CliCommand
{
    private const int LongestValue = 60;

    private readonly Argument<string?> _model = new("model")
    {
        Description = ModelChoice.Description,
        Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly Option<bool> _json = new("--json") { Description = "Print JSON with the complete metadata." };

    public ShowCommand(Terminal terminal)
        : base(
            terminal,
            "show",
            "Show the header of a model file, and the memory that the model needs. The model is not loaded.",
            "qwen3 show Qwen3-4B-Instruct-2507-Q4_K_M.gguf",
            "qwen3 show instruct-2507 --json")
    {
        Arguments.Add(_model);
        Options.Add(_json);
    }

    protected override Task<int> RunAsync(ParseResult options, CancellationToken cancellationToken)
    {
        var report = ModelReport.Of(ModelChoice.Resolve(options.GetValue(_model), cancellationToken));
        if (options.GetValue(_json))
        {
            Terminal.Out.WriteLine(JsonSerializer.Serialize(report, ReportJson.Readable.ModelReport));
        }
        else
        {
            Write(report);
        }

        return Task.FromResult(ExitCode.Success);
    }

    private void Write(ModelReport report)
    {
        Grid facts = new Grid().AddColumns(2);
        void Fact(string name, string value) => facts.AddRow(Terminal.Cell(name), Terminal.Cell(value));
        Fact("name", report.Name);
        Fact("file", report.Path);
        Fact("size", ByteSize.Text(report.SizeInBytes));
        string variant = report.Variant is { } known
            ? $"{known}, by its chat template"
            : "unknown: the file has no chat template";
        Fact("variant", variant);
        Fact("quantization", report.Quantization ?? "unknown: the file does not state it");
        Fact("context", $"{report.ContextLength} tokens at most");
        foreach ((string key, string value) in report.Metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            string line = value.ReplaceLineEndings(" ");
            Fact(key, line.Length > LongestValue ? $"{line[..LongestValue]}…" : line);
        }

        Terminal.Tables.Write(facts);
        Terminal.Out.WriteLine();
        if (report.MemoryPlans.Count == 0)
        {
            Terminal.WriteNote(
                "The memory cannot be computed without the llama.cpp library; 'qwen3 doctor' says what is wrong.");
            return;
        }

        Table memory = new Table().NoBorder().AddColumns("MEMORY WITH CONTEXT", "F16", "Q8_0", "Q4_0");
        foreach (IGrouping<int, ModelReport.Memory> row in report.MemoryPlans.GroupBy(plan => plan.ContextSize))
        {
            IEnumerable<string> sizes = row.Select(
                plan => $"{ByteSize.Text(plan.TotalBytes)}{(plan.Fits ? "" : " (!)")}");
            memory.AddRow([row.Key.ToString(CultureInfo.InvariantCulture), .. sizes]);
        }

        Terminal.Tables.Write(memory);
        Terminal.WriteNote(
            "By the type of the keys and values in the cache, including " +
            $"{ByteSize.Text(report.MemoryPlans[0].WeightBytes)} for the weights." +
            (report.MemoryPlans.All(plan => plan.Fits) ? " Everything fits" : " (!) does not fit") +
            " into the free memory.");
    }
}
