using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Qwen3.Chat.Models;
using Qwen3.Cli.Models;
using Spectre.Console;

namespace Qwen3.Cli.Commands;

/// <summary>Fetches a model.</summary>
internal sealed class PullCommand : CliCommand
{
    private readonly Argument<string> _model = new("model")
    {
        HelpName = "model",
        Description =
            "instruct-2507, thinking-2507 or hybrid (each with a quantization, as in hybrid:Q8_0), hf:OWNER/REPOSITORY or " +
            "modelscope:OWNER/REPOSITORY.",
    };

    private readonly Option<bool> _list = new("--list") { Description = "List the GGUF files of the repository instead." };
    private readonly Option<bool> _modelScope = new("--modelscope")
    {
        Description = "Fetch models of the catalogue from ModelScope instead of Hugging Face.",
    };

    public PullCommand(Terminal terminal)
        : base(
            terminal,
            "pull",
            "Fetch a model, unless it is on this machine, and print the path of its file.",
            "qwen3 pull instruct-2507",
            "qwen3 pull thinking-2507:Q8_0",
            "qwen3 pull --list hf:unsloth/Qwen3-4B-Instruct-2507-GGUF")
    {
        Arguments.Add(_model);
        Options.Add(_list);
        Options.Add(_modelScope);
        _model.CompletionSources.Add(_ => Qwen3Models.All.Select(model => new CompletionItem(model.ToString().Split(':')[0])));
    }

    protected override async Task<int> RunAsync(ParseResult options, CancellationToken cancellationToken)
    {
        Qwen3Model model = ModelChoice.Parse(options.GetRequiredValue(_model));
        using ILoggerFactory loggerFactory = VerboseLog.Create(options);
        var hub = new ModelHubOptions
        {
            Kind = options.GetValue(_modelScope) ? ModelHubKind.ModelScope : ModelHubKind.HuggingFace,
            LoggerFactory = loggerFactory,
        };
        if (model.Path is not null)
        {
            throw new CommandException($"{model} is a file, and pull fetches what is not here. Name a model or a repository.", ExitCode.Usage);
        }

        if (options.GetValue(_list))
        {
            await ListAsync(model, hub, cancellationToken);
            return ExitCode.Success;
        }

        // The log and a line that is redrawn would write over each other.
        bool showsProgress = Terminal.ErrorTables.Profile.Capabilities.Ansi && !options.GetValue<bool>(Qwen3CommandLine.Verbose);
        FoundModel found = await FetchAsync(model, hub, showsProgress, cancellationToken);
        Terminal.WriteLine(found.Path);
        return ExitCode.Success;
    }

    private async Task<FoundModel> FetchAsync(Qwen3Model model, ModelHubOptions hub, bool showsProgress, CancellationToken cancellationToken)
    {
        if (!showsProgress)
        {
            using var quiet = new ModelFetcher(hub);
            return await quiet.FindOrFetchAsync(model, cancellationToken);
        }

        return await Terminal.ErrorTables.Progress()
            .AutoClear(true)
            .Columns(
                new TaskDescriptionColumn(), new PercentageColumn(), new DownloadedColumn(), new TransferSpeedColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                ProgressTask task = context.AddTask(Terminal.ErrorCell(model.ToString()));
                hub.Progress = new FetchDisplay(Terminal, task);
                using var fetcher = new ModelFetcher(hub);
                return await fetcher.FindOrFetchAsync(model, cancellationToken);
            });
    }

    private async Task ListAsync(Qwen3Model model, ModelHubOptions hub, CancellationToken cancellationToken)
    {
        using var fetcher = new ModelFetcher(hub);
        Table table = new Table().NoBorder().AddColumns("FILE", "QUANTIZATION", "SIZE", "PARTS");
        foreach (HubModelFile file in await fetcher.ListAsync(model, cancellationToken))
        {
            table.AddRow(
                Terminal.Cell(file.File), Terminal.Cell(file.Quantization ?? "?"), ByteSize.Text(file.SizeInBytes),
                file.Parts.ToString(CultureInfo.InvariantCulture));
        }

        Terminal.Tables.Write(table);
    }

    /// <summary>Shows in a line how far a model is fetched.</summary>
    private sealed class FetchDisplay(Terminal terminal, ProgressTask task) : IProgress<FetchProgress>
    {
        public void Report(FetchProgress value)
        {
            string state = value.State switch
            {
                FetchState.Waiting => " (waiting for another process that fetches it)",
                FetchState.Verifying => " (verifying)",
                _ => "",
            };
            task.Description = terminal.ErrorCell($"{value.File}{state}");
            task.MaxValue = Math.Max(1, value.TotalBytes);
            task.Value = value.Bytes;
        }
    }
}
