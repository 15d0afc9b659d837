using System.CommandLine;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Qwen3.Chat;
using Qwen3.Cli.Commands;

namespace Qwen3.Cli.Conversation;

/// <summary>A loaded model with the tools that it can call.</summary>
internal sealed class ChatModel : IAsyncDisposable
{
    private readonly Qwen3ChatClient _model;
    private readonly McpTools _mcp;
    private readonly ILoggerFactory _loggerFactory;

    private ChatModel(
        Qwen3ChatClient model, McpTools mcp, ToolGate gate, ILoggerFactory loggerFactory, ChatOptions options)
    {
        _model = model;
        _mcp = mcp;
        _loggerFactory = loggerFactory;
        Gate = gate;
        Options = options;
        Client = mcp.Tools.Count == 0 ? model : model.AsBuilder().UseFunctionInvocation(loggerFactory, invocation =>
        {
            if (!gate.Asks)
            {
                // Further calls are refused; a model that goes on calling is stopped.
                invocation.MaximumIterationsPerRequest = ToolGate.MaxCallsInARow + 2;
            }
        }).Build();
    }

    public IChatClient Client { get; }

    public string Name => _model.Metadata.DefaultModelId!;

    public Qwen3Variant Variant => _model.Variant;

    /// <summary>Decides which tools run.</summary>
    public ToolGate Gate { get; }

    /// <summary>The options of each request, including the tools.</summary>
    public ChatOptions Options { get; }

    /// <summary>Loads a model and starts the MCP servers of the command line.</summary>
    public static async Task<ChatModel> OpenAsync(
        Terminal terminal,
        string path,
        ModelOptions settings,
        ParseResult options,
        ToolGate gate,
        CancellationToken cancellationToken)
    {
        ILoggerFactory loggerFactory = VerboseLog.Create(options);
        McpTools? mcp = null;
        try
        {
            mcp = await McpTools.StartAsync(settings.McpServers(options), gate, loggerFactory, cancellationToken);
            using var progress = new LoadingLine(terminal, Path.GetFileName(path));
            Qwen3ChatClient model = await Qwen3ChatClient.LoadAsync(
                path, settings.Client(options, loggerFactory, progress), cancellationToken);
            ChatOptions chat = settings.Chat(options);
            chat.Tools = mcp.Tools.Count > 0 ? mcp.Tools : null;
            return new(model, mcp, gate, loggerFactory, chat);
        }
        catch
        {
            if (mcp is not null)
            {
                await mcp.DisposeAsync();
            }

            loggerFactory.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _mcp.DisposeAsync();
        _loggerFactory.Dispose();
    }
}
