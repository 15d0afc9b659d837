using ModelContextProtocol.Server;

// An MCP server of one tool. In Oslo the weather is never known, for tests of what is stopped.
McpServerTool weather = McpServerTool.Create(
    async (string city, CancellationToken cancellationToken) =>
    {
        await Task.Delay(city == "Oslo" ? Timeout.InfiniteTimeSpan : TimeSpan.Zero, cancellationToken);
        return "sunny, 21 degrees";
    },
    new() { Name = "get_weather", Description = "Gets the current weather in a city." });
// Servers talk on standard error, and nobody wants to read it in a conversation.
Console.Error.WriteLine("The weather server is up.");
await using McpServer server = McpServer.Create(new StdioServerTransport("weather"), new() { ToolCollection = [weather] });
await server.RunAsync();
