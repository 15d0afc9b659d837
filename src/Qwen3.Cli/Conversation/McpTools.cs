using System.CommandLine.Parsing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Qwen3.Cli.Conversation;

/// <summary>The tools of MCP servers, which run as processes until this is disposed.</summary>
internal sealed class McpTools : IAsyncDisposable
{
    private const int MaxPages = 100, MaxTools = 500;

    private static readonly TimeSpan s_startTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_shutdownTimeout = TimeSpan.FromSeconds(1);

    private readonly List<McpClient> _clients = [];
    private readonly List<AITool> _tools = [];
    private readonly ToolGate _gate;

    private McpTools(ToolGate gate)
    {
        _gate = gate;
    }

    public IList<AITool> Tools => _tools;

    /// <param name="commandLines">The command line of each server.</param>
    /// <param name="gate">Decides which calls run.</param>
    /// <param name="loggerFactory">Logs the standard error of the servers.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <exception cref="CommandException">
    /// A server does not start, or two servers have a tool of the same name.
    /// </exception>
    public static async Task<McpTools> StartAsync(
        IReadOnlyList<string> commandLines,
        ToolGate gate,
        ILoggerFactory loggerFactory,
        CancellationToken cancellationToken)
    {
        var tools = new McpTools(gate);
        try
        {
            foreach (string commandLine in commandLines)
            {
                await tools.AddAsync(commandLine, loggerFactory, cancellationToken);
            }

            return tools;
        }
        catch
        {
            await tools.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (McpClient client in _clients)
        {
            await client.DisposeAsync();
        }
    }

    private async Task AddAsync(string commandLine, ILoggerFactory loggerFactory, CancellationToken cancellationToken)
    {
        string[] words = [.. CommandLineParser.SplitCommandLine(commandLine)];
        if (words.Length == 0)
        {
            throw new CommandException(
                "--mcp needs the command that starts a server, such as --mcp \"npx some-server\".", ExitCode.Usage);
        }

        using var start = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        start.CancelAfter(s_startTimeout);
        List<McpClientTool> tools;
        try
        {
            var server = new StdioClientTransportOptions
            {
                Command = words[0],
                Arguments = words[1..],
                Name = words[0],
                ShutdownTimeout = s_shutdownTimeout,
            };
            var transport = new StdioClientTransport(server, loggerFactory);
            McpClient client = await McpClient.CreateAsync(
                transport, loggerFactory: loggerFactory, cancellationToken: start.Token);
            _clients.Add(client);
            tools = await ListAsync(client, start.Token);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            string reason = e is OperationCanceledException
                ? $"It did not list its tools within {s_startTimeout.TotalSeconds} s."
                : e.Message;
            throw new CommandException(
                $"The MCP server '{commandLine}' could not be used: {reason} Run the command by itself to see " +
                "its messages; it must speak MCP " +
                "over its standard input and output.",
                innerException: e);
        }

        foreach (McpClientTool tool in tools)
        {
            _tools.Add(_tools.All(other => other.Name != tool.Name)
                ? _gate.Guard(tool)
                : throw new CommandException(
                    $"The MCP server '{commandLine}' has a tool {tool.Name}, and so has a server before it. " +
                    "Leave one of the servers out."));
        }
    }

    private static async Task<List<McpClientTool>> ListAsync(McpClient client, CancellationToken cancellationToken)
    {
        var tools = new List<McpClientTool>();
        string? cursor = null;
        for (int page = 0; page < MaxPages; page++)
        {
            ListToolsResult result = await client.ListToolsAsync(
                new ListToolsRequestParams { Cursor = cursor }, cancellationToken);
            tools.AddRange(result.Tools.Select(tool => new McpClientTool(client, tool)));
            cursor = result.NextCursor;
            if (tools.Count > MaxTools)
            {
                throw new InvalidOperationException($"It has more than {MaxTools} tools.");
            }

            if (cursor is null)
            {
                return tools;
            }
        }

        throw new InvalidOperationException($"Its list of tools has more than {MaxPages} pages.");
    }
}
