using System.CommandLine;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Qwen3.Cli.Models;
using Qwen3.Server;

namespace Qwen3.Cli.Commands;

/// <summary>Serves a model to other programs until it is stopped.</summary>
internal sealed class ServeCommand : CliCommand
{
    /// <summary>The environment variable with a key, which no list of processes shows.</summary>
    public const string KeyVariable = "QWEN3_API_KEY";

    private readonly Argument<string?> _model = new("model") { Description = ModelChoice.Description, Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<int?> _port = ModelOptions.Number("--port", "N", "Port to listen at; 0 takes a free one. Default: 8080.", 0, 65_535);

    private readonly Option<string?> _host = new("--host")
    {
        HelpName = "ADDRESS", Description = "Address to listen at, * for all. Default: 127.0.0.1, where only this machine comes to; others need a key.",
    };

    private readonly Option<string[]> _key = new("--api-key")
    {
        HelpName = "KEY", Description = $"Key that clients have to send. Can be given several times. Default: the environment variable {KeyVariable}.",
    };

    private readonly Option<int?> _context = ModelOptions.Number(
        "--context", "TOKENS", "Size of the context, which all requests share. Default: what a quarter of the free memory takes.", 1);

    private readonly Option<int?> _parallel = ModelOptions.Number("--parallel", "N", "Requests that are answered at the same time. Default: 4.", 1);
    private readonly Option<int?> _threads = ModelOptions.ThreadCount();

    public ServeCommand(Terminal terminal)
        : base(
            terminal,
            "serve",
            "Serve a model to other programs as OpenAI's chat completions, below /v1. Ctrl+C ends it when running answers are done.",
            "qwen3 serve",
            "qwen3 serve thinking-2507 --port 8081",
            $"{KeyVariable}=secret qwen3 serve --host '*'")
    {
        Arguments.Add(_model);
        foreach (Option option in (Option[])[_port, _host, _key, _context, _parallel, _threads])
        {
            Options.Add(option);
        }
    }

    protected override async Task<int> RunAsync(ParseResult options, CancellationToken cancellationToken)
    {
        string path = ModelChoice.Resolve(options.GetValue(_model), cancellationToken);
        await using WebApplication server = Create(path, options);
        await server.StartAsync(cancellationToken);
        string address = server.Urls.First();
        Terminal.WriteLine($"{Path.GetFileName(path)} is served at {address}/v1; {address}/docs is a page to try it. Ctrl+C ends it.");
        await server.WaitForShutdownAsync(cancellationToken);
        return ExitCode.Success;
    }

    private string[] Keys(ParseResult options)
    {
        string[] given = options.GetValue(_key) ?? [];
        // An empty variable in a script must not open the door.
        return given.Any(string.IsNullOrWhiteSpace) ? throw new CommandException("--api-key was given an empty key. Give one, or leave it out.", ExitCode.Usage)
            : given.Length > 0 ? given
            : Environment.GetEnvironmentVariable(KeyVariable) is { Length: > 0 } key ? [key]
            : [];
    }

    private WebApplication Create(string path, ParseResult options)
    {
        var host = new Qwen3ServerHostOptions
        {
            ConfigureServer = server =>
            {
                foreach (string key in Keys(options))
                {
                    server.ApiKeys.Add(key);
                }
            },
            ConfigureModel = model =>
            {
                model.Engine.ContextSize = options.GetValue(_context);
                model.Engine.Threads = options.GetValue(_threads);
                model.Engine.MaxParallelRequests = options.GetValue(_parallel) ?? model.Engine.MaxParallelRequests;
            },
            ConfigureBuilder = builder =>
            {
                bool isVerbose = options.GetValue<bool>(Qwen3CommandLine.Verbose);
                builder.Logging
                    .SetMinimumLevel(isVerbose ? LogLevel.Debug : LogLevel.Warning)
                    // What llama.cpp warns of is about the making of files, not the serving.
                    .AddFilter("Qwen3.LlamaCpp", isVerbose ? LogLevel.Debug : LogLevel.Error)
                    .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
            },
        };
        host.Port = options.GetValue(_port) ?? host.Port;
        host.Host = options.GetValue(_host) ?? host.Host;
        return Qwen3ServerHost.Create(path, host);
    }
}
