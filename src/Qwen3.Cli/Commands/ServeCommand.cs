using System.CommandLine;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Qwen3.Cli.Models;
using Qwen3.Server;

namespace Qwen3.Cli.Commands;

/// <summary>Serves a model to other programs.</summary>
internal sealed class ServeCommand : CliCommand
{
    /// <summary>The environment variable with a key. Lists of processes do not show it, as they do --api-key.</summary>
    public const string KeyVariable = "QWEN3_API_KEY";

    private readonly Argument<string?> _model = new("model")
    {
        Description = ModelChoice.Description,
        Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly Option<int?> _port = ModelOptions.Number(
        "--port", "N", "Port to listen at; 0 for a free one. Default: 8080.", 0, 65_535);

    private readonly Option<string?> _host = new("--host")
    {
        HelpName = "ADDRESS",
        Description =
            "Address to listen at, * for all. Default: 127.0.0.1, for this machine only; other addresses need a key.",
    };

    private readonly Option<string[]> _key = new("--api-key")
    {
        HelpName = "KEY",
        Description =
            $"Key that clients have to send. Can be repeated. Default: the environment variable {KeyVariable}.",
    };

    private readonly Option<int?> _context = ModelOptions.Number(
        "--context",
        "TOKENS",
        "Size of the context that all requests share. Default: as much as fits into a quarter of the free memory.",
        1);

    private readonly Option<int?> _parallel = ModelOptions.Number(
        "--parallel", "N", "Requests that are answered in parallel. Default: 4.", 1);
    private readonly Option<int?> _threads = ModelOptions.ThreadCount();

    public ServeCommand(Terminal terminal)
        : base(
            terminal,
            "serve",
            "Serve a model to other programs with OpenAI's chat completions API below /v1. Ctrl+C stops it after " +
            "running answers.",
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
        string[] keys = Keys(options);
        Qwen3ServerHostOptions host = Host(options, keys);
        await using WebApplication server = Create(path, host, isOpen: keys.Length == 0);
        await StartAsync(server, host, cancellationToken);
        string address = server.Urls.First();
        Terminal.WriteLine(
            $"{Path.GetFileName(path)} is served at {address}/v1; {address}/docs is a page to try it. Ctrl+C ends it.");
        await server.WaitForShutdownAsync(cancellationToken);
        return ExitCode.Success;
    }

    private string[] Keys(ParseResult options)
    {
        string[] given = options.GetValue(_key) ?? [];
        // An empty variable in a script must not lead to a server without a key.
        return given.Any(string.IsNullOrWhiteSpace)
            ? throw new CommandException(
                "--api-key was given an empty key. Give a key, or leave the option out.", ExitCode.Usage)
            : given.Length > 0 ? given
            : Environment.GetEnvironmentVariable(KeyVariable) is { Length: > 0 } key ? [key]
            : [];
    }

    private static WebApplication Create(string path, Qwen3ServerHostOptions host, bool isOpen)
    {
        try
        {
            return Qwen3ServerHost.Create(path, host);
        }
        catch (InvalidOperationException e) when (isOpen)
        {
            throw new CommandException(
                $"With --host {host.Host} other machines can reach the server, and there is no key. Set one with " +
                "--api-key or the " +
                $"environment variable {KeyVariable}.",
                innerException: e);
        }
    }

    private static async Task StartAsync(
        WebApplication server, Qwen3ServerHostOptions host, CancellationToken cancellationToken)
    {
        try
        {
            await server.StartAsync(cancellationToken);
        }
        catch (Exception e) when (Cause(e) is { } cause)
        {
            string advice = cause == SocketError.AddressNotAvailable
                ? "Give an address of this machine with --host."
                : "Give another port with --port; 0 takes a free one.";
            throw new CommandException(
                $"The server cannot listen at port {host.Port} of {host.Host}: {Reason(cause)}. {advice}",
                innerException: e);
        }
    }

    private static string Reason(SocketError cause) => cause switch
    {
        SocketError.AddressAlreadyInUse => "another program uses the port",
        SocketError.AccessDenied => "the system does not permit it",
        SocketError.AddressNotAvailable => "the address is not one of this machine",
        _ => cause.ToString(),
    };

    private static SocketError? Cause(Exception exception)
    {
        for (Exception? e = exception; e is not null; e = e.InnerException)
        {
            if (e is SocketException socket)
            {
                return socket.SocketErrorCode;
            }

            if (e is AddressInUseException)
            {
                return SocketError.AddressAlreadyInUse;
            }
        }

        return null;
    }

    private Qwen3ServerHostOptions Host(ParseResult options, string[] keys)
    {
        bool isVerbose = options.GetValue<bool>(Qwen3CommandLine.Verbose);
        var host = new Qwen3ServerHostOptions
        {
            ConfigureServer = server =>
            {
                foreach (string key in keys)
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
                builder.Logging
                    .SetMinimumLevel(isVerbose ? LogLevel.Debug : LogLevel.Warning)
                    // llama.cpp warns about the contents of model files, which no reader of this log can change.
                    .AddFilter("Qwen3.LlamaCpp", isVerbose ? LogLevel.Debug : LogLevel.Error)
                    // The command itself reports, in one line, why the server does not start.
                    .AddFilter("Microsoft.Extensions.Hosting", isVerbose ? LogLevel.Debug : LogLevel.None);
                VerboseLog.Add(builder.Logging);
            },
        };
        host.Port = options.GetValue(_port) ?? host.Port;
        host.Host = options.GetValue(_host) ?? host.Host;
        return host;
    }
}
