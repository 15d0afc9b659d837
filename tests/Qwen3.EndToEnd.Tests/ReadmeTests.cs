using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace Qwen3.EndToEnd.Tests;

/// <summary>What the README shows is code that compiles and runs.</summary>
public sealed class ReadmeTests
{
    [Fact]
    public async Task The_ten_lines_answer()
    {
        TextWriter console = Console.Out;
        using var output = new StringWriter();
        Console.SetOut(output);
        try
        {
            await RunExampleAsync(NanoModels.Instruct);
        }
        finally
        {
            Console.SetOut(console);
        }

        Assert.NotEmpty(output.ToString());
    }

    [Fact]
    public void The_ten_lines_are_the_ones_that_run()
    {
        string root = Directory.GetParent(Path.GetDirectoryName(NanoModels.Instruct)!)!.FullName;
        string readme = File.ReadAllText(Path.Combine(root, "README.md"));
        string example = readme.Split("```csharp\n")[1].Split("```")[0].Replace("Qwen3Models.Instruct2507", "modelPath", StringComparison.Ordinal);
        string source = File.ReadAllText(Path.Combine(root, "tests", "Qwen3.EndToEnd.Tests", "ReadmeTests.cs"));
        Assert.Contains(example, source.Replace("\n        ", "\n", StringComparison.Ordinal));
    }

    private static async Task RunExampleAsync(string modelPath)
    {
        IKernelBuilder builder = Kernel.CreateBuilder();
        builder.AddQwen3ChatCompletion(modelPath);
        builder.Plugins.AddFromType<WeatherPlugin>("Weather");
        Kernel kernel = builder.Build();

        var chat = kernel.GetRequiredService<IChatCompletionService>();
        var settings = new PromptExecutionSettings { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() };
        ChatHistory history = [];
        history.AddUserMessage("What is the weather in Paris?");
        ChatMessageContent answer = await chat.GetChatMessageContentAsync(history, settings, kernel);
        Console.WriteLine(answer.Content);
    }
}
