using System.Text.RegularExpressions;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace Qwen3.EndToEnd.Tests;

/// <summary>The README's first program runs, and prints what the README says.</summary>
public sealed partial class ReadmeTests
{
    private static readonly string s_root = Directory.GetParent(Path.GetDirectoryName(NanoModels.Instruct)!)!.FullName;

    [Fact]
    public async Task The_ten_lines_print_what_stands_below_them()
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

        string readme = File.ReadAllText(Path.Combine(s_root, "README.md"));
        Assert.Equal(Output().Match(readme).Groups["text"].Value, output.ToString().Trim());
    }

    [Fact]
    public void The_ten_lines_are_the_ones_that_run()
    {
        string readme = File.ReadAllText(Path.Combine(s_root, "README.md"));
        string example = Program().Match(readme).Groups["code"].Value.Replace("Qwen3Models.Instruct2507", "modelPath", StringComparison.Ordinal);
        string source = File.ReadAllText(Path.Combine(s_root, "tests", "Qwen3.EndToEnd.Tests", "ReadmeTests.cs"));
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

    [GeneratedRegex(@"^```csharp\n.*?(?<code>IKernelBuilder .*?Console\.WriteLine[^\n]*\n)", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Program();

    [GeneratedRegex(@"^```text\n(?<text>.*?)\n```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Output();
}
