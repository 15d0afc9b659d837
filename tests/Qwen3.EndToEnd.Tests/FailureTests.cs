using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Qwen3.LlamaCpp;

namespace Qwen3.EndToEnd.Tests;

/// <summary>What can be wrong with a model gives its own exception, with a message that helps, and the process goes on.</summary>
public sealed class FailureTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("qwen3-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_missing_file()
    {
        var exception = Assert.Throws<FileNotFoundException>(() => Ask(Path.Combine(_folder, "none.gguf")));
        Assert.Contains("none.gguf", exception.Message);
        await AssertGoesOnAsync();
    }

    [Fact]
    public async Task A_file_that_is_no_GGUF()
    {
        var exception = Assert.Throws<ModelFileException>(() => Ask(Write("<html>404</html>"u8.ToArray())));
        Assert.Contains("does not begin with the letters GGUF", exception.Message);
        await AssertGoesOnAsync();
    }

    [Fact]
    public async Task A_truncated_GGUF()
    {
        var exception = Assert.Throws<ModelFileException>(() => Ask(Write(File.ReadAllBytes(NanoModels.Instruct)[..20_000_000])));
        Assert.Contains("damaged or incomplete", exception.Message);
        Assert.Contains("of 20000000", exception.Message);
        await AssertGoesOnAsync();
    }

    [Fact]
    public async Task The_GGUF_of_another_architecture()
    {
        byte[] bytes = File.ReadAllBytes(NanoModels.Instruct);
        // The value behind the key: a type, a length, the text.
        int value = bytes.AsSpan().IndexOf("general.architecture"u8) + "general.architecture".Length + sizeof(uint) + sizeof(ulong);
        Encoding.ASCII.GetBytes("llama").CopyTo(bytes, value);
        var exception = Assert.Throws<UnsupportedModelException>(() => Ask(Write(bytes)));
        Assert.Contains("'llama'", exception.Message);
        await AssertGoesOnAsync();
    }

    [Fact]
    public async Task A_context_too_small_for_the_prompt()
    {
        Kernel kernel = Kernel.CreateBuilder().AddQwen3ChatCompletion(NanoModels.Instruct, options => options.Engine.ContextSize = 32).Build();
        await using var services = (ServiceProvider)kernel.Services;
        var chat = kernel.GetRequiredService<IChatCompletionService>();

        var exception = await Assert.ThrowsAsync<ContextLengthException>(
            () => chat.GetChatMessageContentAsync(string.Join(' ', Enumerable.Repeat("hello", 60))));

        Assert.Contains("holds 32", exception.Message);
        Assert.Contains("ContextSize", exception.Message);
        Assert.NotEmpty((await chat.GetChatMessageContentAsync("Hello!", Greedy)).Content!);
    }

    private static PromptExecutionSettings Greedy =>
        new() { ExtensionData = new Dictionary<string, object> { ["temperature"] = 0 } };

    private static void Ask(string path) => Kernel.CreateBuilder().AddQwen3ChatCompletion(path).Build().GetRequiredService<IChatCompletionService>();

    private static async Task AssertGoesOnAsync()
    {
        Kernel kernel = Kernel.CreateBuilder().AddQwen3ChatCompletion(NanoModels.Instruct).Build();
        await using var services = (ServiceProvider)kernel.Services;
        var chat = kernel.GetRequiredService<IChatCompletionService>();
        Assert.NotEmpty((await chat.GetChatMessageContentAsync("Hello!", Greedy)).Content!);
    }

    private string Write(byte[] content)
    {
        string path = Path.Combine(_folder, "model.gguf");
        File.WriteAllBytes(path, content);
        return path;
    }
}
