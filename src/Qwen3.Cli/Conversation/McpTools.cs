using System.CommandLine.Parsing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Client;

namespace Qwen3.Cli.Conversation;

/// <summary>The tools of MCP servers, which run as processes for as long as this is not disposed.</summary>
internal sealed class McpTools : IAsyncDisposable
{
    private readonly List<McpClient> _clients = [];
    private readonly List<AITool> _tools = [];

    private McpTools()
    {
    }

    public IList<AITool> Tools => _tools;

    /// <param name="commandLines">What starts each server.</param>
    /// <param name="loggerFactory">Where their standard error goes.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="CommandException">A server does not start, or two have a tool of the same name.</exception>
    public static async Task<McpTools> StartAsync(
        IReadOnlyList<string> commandLines, ILoggerFactory loggerFactory, CancellationToken cancellationToken)
    {
        var tools = new McpTools();
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
            throw new CommandException("--mcp needs the command that starts a server, such as --mcp \"npx some-server\".", ExitCode.Usage);
        }

        IList<McpClientTool> tools;
        try
        {
            var transport = new StdioClientTransport(new() { Command = words[0], Arguments = words[1..], Name = words[0] }, loggerFactory);
            McpClient client = await McpClient.CreateAsync(transport, loggerFactory: loggerFactory, cancellationToken: cancellationToken);
            _clients.Add(client);
            tools = await client.ListToolsAsync(cancellationToken: cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new CommandException(
                $"The MCP server '{commandLine}' could not be used: {e.Message} Run the command by itself to see what it says; it has to speak MCP " +
                "over its standard input and output.",
                innerException: e);
        }

        foreach (McpClientTool tool in tools)
        {
            _tools.Add(_tools.All(other => other.Name != tool.Name)
                ? tool
                : throw new CommandException(
                    $"The MCP server '{commandLine}' has a tool {tool.Name}, and so has one before it. Leave one of the servers out."));
        }
    }
}
