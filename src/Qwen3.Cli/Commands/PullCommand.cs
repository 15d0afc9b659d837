using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Parsing;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Qwen3.Chat.Models;
using Qwen3.Cli.Models;
using Spectre.Console;

namespace Qwen3.Cli.Commands;

/// <summary>Fetches a model from a hub.</summary>
internal sealed class PullCommand : CliCommand
{
    private readonly Argument<string> _model = new("model")
    {
        HelpName = "model",
        Description =
            "instruct-2507, thinking-2507 or hybrid (each with a quantization, as in hybrid:Q8_0), " +
            "hf:OWNER/REPOSITORY or " +
            "modelscope:OWNER/REPOSITORY.",
    };

    private readonly Option<bool> _list = new("--list")
    {
        Description = "List the GGUF files of the repository instead.",
    };
    private readonly Option<Uri?> _endpoint = new("--endpoint")
    {
        HelpName = "URL",
        Description =
            "Address of a mirror to fetch from. Default: the environment variable HF_ENDPOINT (MODELSCOPE_DOMAIN " +
            "for ModelScope), or the " +
            "hub itself.",
        CustomParser = result => Uri.TryCreate(result.Tokens.Single().Value, UriKind.Absolute, out Uri? uri)
            ? uri
            : Invalid(result),
    };

    private readonly Option<int?> _retries = ModelOptions.Number(
        "--retries", "N", "Number of further attempts when the hub does not answer. Default: 5.", 0, 100);

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
        Options.Add(_endpoint);
        Options.Add(_retries);
        _model.CompletionSources.Add(
            _ => Qwen3Models.All.Select(model => new CompletionItem(model.ToString().Split(':')[0])));
    }

    protected override async Task<int> RunAsync(ParseResult options, CancellationToken cancellationToken)
    {
        Qwen3Model model = ModelChoice.Parse(options.GetRequiredValue(_model));
        using ILoggerFactory loggerFactory = VerboseLog.Create(options);
        if (model.Path is not null)
        {
            throw new CommandException($"{model} is a file. Name a model or a repository to fetch.", ExitCode.Usage);
        }

        bool isModelScope = model.HuggingFaceRepository is null
            || (options.GetValue(_modelScope) && model.ModelScopeRepository is not null);
        var hub = new ModelHubOptions
        {
            Kind = isModelScope ? ModelHubKind.ModelScope : ModelHubKind.HuggingFace,
            Endpoint = options.GetValue(_endpoint),
            LoggerFactory = loggerFactory,
        };
        hub.MaxRetries = options.GetValue(_retries) ?? hub.MaxRetries;
        if (options.GetValue(_list))
        {
            await ListAsync(model, hub, cancellationToken);
            return ExitCode.Success;
        }

        FoundModel found = await FindOrFetchAsync(
            model, hub, options.GetValue<bool>(Qwen3CommandLine.Verbose), cancellationToken);
        Terminal.WriteLine(found.Path);
        return ExitCode.Success;
    }

    private async Task<FoundModel> FindOrFetchAsync(
        Qwen3Model model, ModelHubOptions hub, bool isVerbose, CancellationToken cancellationToken)
    {
        if (isVerbose)
        {
            // The log has the progress.
            using var logging = new ModelFetcher(hub);
            return await logging.FindOrFetchAsync(model, cancellationToken);
        }

        if (await Task.Run(() => new ModelFinder(hub).Find(model, cancellationToken), cancellationToken) is { } found)
        {
            return found;
        }

        var display = new FetchDisplay(Terminal, model.ToString(), hub.MaxRetries + 1);
        hub.Progress = display;
        using var fetcher = new ModelFetcher(hub);
        Terminal.WriteErrorNote($"Fetching {model} into {fetcher.CacheFolder}.");
        return await display.ShowAsync(() => fetcher.FetchAsync(model, cancellationToken));
    }

    private static Uri? Invalid(ArgumentResult result)
    {
        result.AddError(
            $"--endpoint is '{result.Tokens.Single().Value}'. Give an address such as https://huggingface.co.");
        return null;
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
}
