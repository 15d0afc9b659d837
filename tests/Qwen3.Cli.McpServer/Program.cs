using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

// An MCP server with one tool. In Oslo the weather is never known, for tests of calls that are stopped.
// An argument makes the server misbehave: "big" returns 50 MB, "image" an image, "endless" lists tools without end.
string mode = args.FirstOrDefault() ?? "";
McpServerTool weather = McpServerTool.Create(
    async (string city, CancellationToken cancellationToken) =>
    {
        await Task.Delay(city == "Oslo" ? Timeout.InfiniteTimeSpan : TimeSpan.Zero, cancellationToken);
        return mode switch
        {
            "big" => new TextContentBlock { Text = new string('x', 50_000_000) },
            "image" => ImageContentBlock.FromBytes(new byte[1234], "image/png"),
            _ => (ContentBlock)new TextContentBlock { Text = "sunny, 21 degrees" },
        };
    },
    new() { Name = "get_weather", Description = "Gets the current weather in a city." });
var options = new McpServerOptions();
if (mode == "endless")
{
    options.Handlers.ListToolsHandler = (_, _) => new(new ListToolsResult { Tools = [], NextCursor = "next" });
}
else
{
    options.ToolCollection = [weather];
}

// Servers write to standard error, which must not appear in a conversation.
Console.Error.WriteLine("The weather server is up.");
await using McpServer server = McpServer.Create(new StdioServerTransport("weather"), options);
await server.RunAsync();
