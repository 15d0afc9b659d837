using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Qwen3.Server.Tests;

namespace Qwen3.NodeClients.Tests;

/// <summary>Clients for JavaScript, which the build installs from npm.</summary>
public sealed class NodeClientTests : IAsyncLifetime
{
    private const string Key = "a-key-of-this-server";

    private WebApplication _app = null!;

    public async ValueTask InitializeAsync() => _app = await ServerFixture.StartAsync(options: options => options.ApiKeys = [Key]);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    /// <summary>The programs contain the expectations.</summary>
    [Theory]
    [InlineData("openai.mjs")]
    [InlineData("ai.mjs")]
    public async Task They_call_functions_and_stream(string program)
    {
        using Process node = Process.Start(new ProcessStartInfo("node")
        {
            ArgumentList = { Path.Combine(Folder(), program), $"{_app.Urls.First()}/v1", Key, ServerFixture.Instruct, ServerFixture.Thinking },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> error = node.StandardError.ReadToEndAsync();
        string output = await node.StandardOutput.ReadToEndAsync();
        await node.WaitForExitAsync();
        Assert.True(output.Trim() == "ok", $"{output}\n{await error}");
    }

    /// <summary>The folder of the programs in the sources, where their packages are installed.</summary>
    private static string Folder()
    {
        for (DirectoryInfo? directory = new(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            string folder = Path.Combine(directory.FullName, "tests", "Qwen3.NodeClients.Tests", "Node");
            if (Directory.Exists(folder))
            {
                return folder;
            }
        }

        throw new DirectoryNotFoundException(
            $"No folder above {AppContext.BaseDirectory} has tests/Qwen3.NodeClients.Tests/Node; run from a checkout of the repository.");
    }
}
