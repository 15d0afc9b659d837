using System.IO.Pipelines;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Qwen3.SemanticKernel.Tests;

public sealed class McpTests(KernelFixture kernels) : IClassFixture<KernelFixture>
{
    [Fact]
    public async Task Tools_of_an_MCP_server_are_functions_that_the_model_calls()
    {
        Pipe toServer = new(), toClient = new();
        List<string> cities = [];
        McpServerTool tool = McpServerTool.Create(
            (string city) =>
            {
                cities.Add(city);
                return "sunny, 21 degrees";
            },
            new() { Name = "get_weather", Description = "Gets the current weather in a city." });
        await using McpServer server = McpServer.Create(
            new StreamServerTransport(toServer.Reader.AsStream(), toClient.Writer.AsStream()),
            new() { ToolCollection = [tool] }
        );
        _ = server.RunAsync();
        await using McpClient client = await McpClient.CreateAsync(
            new StreamClientTransport(toServer.Writer.AsStream(), toClient.Reader.AsStream()));
        Kernel kernel = kernels.Instruct;
        kernel.Plugins.Clear();
        kernel.Plugins.AddFromFunctions(
            "Mcp",
            (await client.ListToolsAsync()).Select(function => function.AsKernelFunction()));
        ChatHistory history = [new(AuthorRole.User, "What is the weather in Paris?")];

        ChatMessageContent answer = await kernel
            .GetRequiredService<IChatCompletionService>()
            .GetChatMessageContentAsync(history, KernelFixture.Auto, kernel);

        Assert.Equal(["Paris"], cities);
        Assert.Equal("It is sunny in Paris with 21 degrees.", answer.Content);
        FunctionCallContent call = FunctionCallContent.GetFunctionCalls(history[1]).Single();
        Assert.Equal(("Mcp", "get_weather"), (call.PluginName, call.FunctionName));
    }
}
