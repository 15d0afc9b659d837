using System.CommandLine;
using System.Text.Json;
using Qwen3.Chat.Models;
using Qwen3.Cli.Models;
using Qwen3.LlamaCpp;
using Spectre.Console;

namespace Qwen3.Cli.Commands;

/// <summary>Lists the models on this machine, and those that can be fetched.</summary>
internal sealed class ListCommand : CliCommand
{
    private readonly Option<bool> _json = new("--json") { Description = "Print JSON." };

    public ListCommand(Terminal terminal)
        : base(
            terminal,
            "list",
            "List the Qwen3 models on this machine, including those of other tools, and those that can be fetched.",
            "qwen3 list",
            "qwen3 list --json")
    {
        Options.Add(_json);
    }

    protected override Task<int> RunAsync(ParseResult options, CancellationToken cancellationToken)
    {
        ListedModel[] models = [.. new ModelFinder().FindAll(cancellationToken).Select(Describe)];
        if (options.GetValue(_json))
        {
            Terminal.Out.WriteLine(JsonSerializer.Serialize(models, ReportJson.Readable.ListedModelArray));
            return Task.FromResult(ExitCode.Success);
        }

        if (models.Length == 0)
        {
            Terminal.Out.WriteLine("There are no Qwen3 models on this machine.");
        }
        else
        {
            WriteTable(models);
        }

        WriteCatalogue();
        return Task.FromResult(ExitCode.Success);
    }

    private static ListedModel Describe(FoundModel model)
    {
        int contextSize = Math.Min(MemoryFit.UsualContext, ModelFile.Read(model.Path).ContextLength);
        MemoryFit? fit = null;
        try
        {
            fit = MemoryFit.Of(model.Path, contextSize);
        }
        catch (LlamaLibraryException)
        {
            // The library is not needed to list files; 'doctor' reports what is wrong with it.
        }

        return new(
            model.Name, model.Variant?.ToString(), model.Quantization, model.SizeInBytes, fit?.Fits,
                fit?.Plan.TotalBytes,
            model.Location.ToString(), model.Path);
    }

    private void WriteTable(ListedModel[] models)
    {
        Table table = new Table().NoBorder().AddColumns(
            "NAME", "VARIANT", "QUANTIZATION", "SIZE", "FITS", "FROM", "FILE");
        foreach (ListedModel model in models)
        {
            string fits = model.Fits switch { true => "yes", false => "no", _ => "?" };
            string[] cells =
            [
                model.Name, model.Variant ?? "?", model.Quantization ?? "?", ByteSize.Text(model.SizeInBytes), fits,
                model.Location, model.Path,
            ];
            table.AddRow([.. cells.Select(Terminal.Cell)]);
        }

        Terminal.Tables.Write(table);
        Terminal.WriteNote($"FITS: into the free memory, with a context of {MemoryFit.UsualContext} tokens.");
    }

    private void WriteCatalogue()
    {
        Terminal.Out.WriteLine();
        Terminal.WriteNote("Models to fetch with 'qwen3 pull NAME':");
        foreach (Qwen3Model model in Qwen3Models.All)
        {
            string sizes = string.Join(
                ", ", model.Quantizations.Select(size => $"{size.Name} ({ByteSize.Text(size.ApproximateBytes)})"));
            Terminal.WriteNote($"  {model.ToString().Split(':')[0],-14} {model.Name}: {sizes}");
        }
    }
}

/// <summary>A model in the output of <c>list --json</c>.</summary>
/// <param name="Name">The name in the file.</param>
/// <param name="Variant">Instruct, Thinking or Hybrid; absent if the file has no chat template.</param>
/// <param name="Quantization">For example Q4_K_M; absent if unknown.</param>
/// <param name="SizeInBytes">The size of its files.</param>
/// <param name="Fits">
/// Whether it fits into the free memory with a context of 4,096 tokens; absent if unknown.
/// </param>
/// <param name="MemoryInBytes">The memory that it needs then.</param>
/// <param name="Location">The tool whose folder it is in.</param>
/// <param name="Path">The file.</param>
internal sealed record ListedModel(
    string Name,
    string? Variant,
    string? Quantization,
    long SizeInBytes,
    bool? Fits,
    long? MemoryInBytes,
    string Location,
    string Path);
