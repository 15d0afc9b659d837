using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Qwen3.Cli.Conversation;
using Qwen3.Cli.Models;
using Qwen3.LlamaCpp;
using Spectre.Console;

namespace Qwen3.Cli.Commands;

/// <summary>Measures the speed of a model on this machine.</summary>
internal sealed class BenchCommand : CliCommand
{
    private readonly Argument<string?> _model = new("model")
    {
        Description = ModelChoice.Description,
        Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly Option<int?> _promptTokens = ModelOptions.Number(
        "--prompt-tokens", "N", "Length of each prompt. Default: 512.", 1);
    private readonly Option<int?> _tokens = ModelOptions.Number(
        "--tokens", "N", "Length of each answer. Default: 64.", 2);
    private readonly Option<int?> _repeat = ModelOptions.Number(
        "--repeat", "N", "Number of measurements; the median counts. Default: 3.", 1, 1000);
    private readonly Option<int?> _threads = ModelOptions.ThreadCount();
    private readonly Option<int[]> _parallel = new("--parallel")
    {
        HelpName = "N",
        Description = "Number of parallel requests; several numbers are measured one after another. Default: 1 2 4.",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print JSON." };

    public BenchCommand(Terminal terminal)
        : base(
            terminal,
            "bench",
            "Measure the tokens per second of prompts and answers on this machine, for one request and for " +
            "several in parallel.",
            "qwen3 bench",
            "qwen3 bench Qwen3-4B-Instruct-2507-Q4_K_M.gguf --parallel 1 8 --json")
    {
        _parallel.Validators.Add(result =>
        {
            if (result.Tokens.Any(token => int.TryParse(token.Value, out int value)
                && value is < 1 or > InferenceEngineOptions.ParallelRequestLimit))
            {
                result.AddError(
                    $"Option '--parallel' must be from 1 to {InferenceEngineOptions.ParallelRequestLimit}.");
            }
        });
        Arguments.Add(_model);
        foreach (Option option in (Option[])[_promptTokens, _tokens, _repeat, _parallel, _threads, _json])
        {
            Options.Add(option);
        }
    }

    protected override async Task<int> RunAsync(ParseResult options, CancellationToken cancellationToken)
    {
        string path = ModelChoice.Resolve(options.GetValue(_model), cancellationToken);
        int[] parallel = options.GetValue(_parallel) is { Length: > 0 } numbers ? numbers : [1, 2, 4];
        var benchmark = new Benchmark(
            options.GetValue(_promptTokens) ?? 512,
            options.GetValue(_tokens) ?? 64,
            options.GetValue(_repeat) ?? 3,
            options.GetValue(_threads));
        using LlamaModel model = await LoadAsync(path, cancellationToken);
        List<BenchReport.Run> runs = [];
        foreach (int requests in parallel)
        {
            runs.Add(await benchmark.RunAsync(model, requests, cancellationToken));
        }

        var report = new BenchReport(
            model.Name, model.Quantization, benchmark.Threads, benchmark.PromptTokens, benchmark.Tokens, runs);
        if (options.GetValue(_json))
        {
            Terminal.Out.WriteLine(JsonSerializer.Serialize(report, ReportJson.Readable.BenchReport));
        }
        else
        {
            Write(report);
        }

        return ExitCode.Success;
    }

    private async Task<LlamaModel> LoadAsync(string path, CancellationToken cancellationToken)
    {
        using var progress = new LoadingLine(Terminal, Path.GetFileName(path));
        return await LlamaModel.LoadAsync(path, new() { Progress = progress }, cancellationToken);
    }

    private void Write(BenchReport report)
    {
        Terminal.WriteNote(
            $"{report.Model}, {report.Quantization}, threads: {report.Threads}; prompts of {report.PromptTokens} " +
            "tokens, answers of " +
            $"{report.GeneratedTokens}; tokens per second:");
        Table table = new Table().NoBorder().AddColumns(
            "PARALLEL REQUESTS", "PROMPT", "GENERATION", "GENERATION PER REQUEST");
        foreach (BenchReport.Run run in report.Runs)
        {
            string[] cells =
            [
                run.Requests.ToString(CultureInfo.InvariantCulture), Speed(run.PromptSpeed), Speed(run.GenerationSpeed),
                Speed(run.GenerationSpeed / run.Requests),
            ];
            table.AddRow(cells);
        }

        Terminal.Tables.Write(table);
    }

    private static string Speed(double value) => value.ToString("0.0", CultureInfo.InvariantCulture);
}
