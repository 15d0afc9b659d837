using System.CommandLine;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Qwen3.Chat;
using Qwen3.Cli.Commands;

namespace Qwen3.Cli.Conversation;

/// <summary>A model that is ready to be asked, with the tools that it may call.</summary>
internal sealed class ChatModel : IAsyncDisposable
{
    private readonly Qwen3ChatClient _model;
    private readonly McpTools _mcp;
    private readonly ILoggerFactory _loggerFactory;

    private ChatModel(Qwen3ChatClient model, McpTools mcp, ILoggerFactory loggerFactory, ChatOptions options)
    {
        _model = model;
        _mcp = mcp;
        _loggerFactory = loggerFactory;
        Options = options;
        Client = mcp.Tools.Count > 0 ? model.AsBuilder().UseFunctionInvocation(loggerFactory).Build() : model;
    }

    public IChatClient Client { get; }

    public string Name => _model.Metadata.DefaultModelId!;

    public Qwen3Variant Variant => _model.Variant;

    /// <summary>What each request asks for, tools included.</summary>
    public ChatOptions Options { get; }

    /// <summary>Loads a model and starts the MCP servers, as the command line says.</summary>
    public static async Task<ChatModel> OpenAsync(
        Terminal terminal, string path, ModelOptions settings, ParseResult options, CancellationToken cancellationToken)
    {
        ILoggerFactory loggerFactory = VerboseLog.Create(options);
        McpTools? mcp = null;
        try
        {
            mcp = await McpTools.StartAsync(settings.McpServers(options), loggerFactory, cancellationToken);
            using var progress = new LoadingLine(terminal, Path.GetFileName(path));
            Qwen3ChatClient model = await Qwen3ChatClient.LoadAsync(path, settings.Client(options, loggerFactory, progress), cancellationToken);
            ChatOptions chat = settings.Chat(options);
            chat.Tools = mcp.Tools.Count > 0 ? mcp.Tools : null;
            return new(model, mcp, loggerFactory, chat);
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
