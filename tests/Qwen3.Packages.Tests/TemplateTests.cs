using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.RegularExpressions;

namespace Qwen3.Packages.Tests;

/// <summary>Each template is instantiated, and its application is built and run.</summary>
public sealed class TemplateTests(PackageFeed feed, TemplateTests.Templates templates) : IClassFixture<TemplateTests.Templates>
{
    [Fact]
    public async Task The_console_application_answers_with_a_function()
    {
        string folder = await templates.CreateAsync("qwen3-console", "--model", NanoModels.Instruct);
        Edit(folder, "FunctionChoiceBehavior.Auto()", "FunctionChoiceBehavior.Auto(), Temperature = 0");
        string output = await feed.RunWithInputAsync(folder, "What is the weather in Rome?\n\n", "dotnet", "run");
        Assert.Contains("> It is windy in Rome with 17 degrees.\n", output);
    }

    [Fact]
    public async Task The_agents_plan_and_execute()
    {
        string folder = await templates.CreateAsync("qwen3-agents", "--planner", NanoModels.Thinking, "--executor", NanoModels.Instruct);
        Edit(folder, "Tools = [", "PlannerChatOptions = { Temperature = 0 },\n    ExecutorChatOptions = { Temperature = 0 },\n    Tools = [");
        string output = await feed.RunAsync(folder, "dotnet", "run");
        Assert.Contains("plan    1. Get the weather in Paris\n", output);
        Assert.Matches("(?m)^step 1  .*Paris", output);
        Assert.Matches("(?m)^mail    to Anna: ", output);
        Assert.Matches("(?m)^answer  .", output);
    }

    [Fact]
    public async Task The_web_application_serves_the_model_and_its_health()
    {
        string folder = await templates.CreateAsync("qwen3-web", "--model", NanoModels.Instruct);
        await feed.RunAsync(folder, "dotnet", "build");
        string program = Directory.GetFiles(Path.Combine(folder, "bin"), $"{Path.GetFileName(folder)}.dll", SearchOption.AllDirectories).Single();
        using Process process = Program.Start(folder, feed.Environment(), "dotnet", program, "--urls", "http://127.0.0.1:0");
        try
        {
            string? line;
            Match address = Match.Empty;
            while (!address.Success && (line = await process.StandardOutput.ReadLineAsync()) is not null)
            {
                address = Regex.Match(line, "Now listening on: (http://[0-9.:]+)");
            }

            using var client = new HttpClient { BaseAddress = new(address.Groups[1].Value) };
            using HttpResponseMessage answer = await client.PostAsJsonAsync(
                "/v1/chat/completions", new { messages = new[] { new { role = "user", content = "My name is Anna." } }, temperature = 0 });
            Assert.Contains("Anna", await answer.Content.ReadAsStringAsync());
            Assert.Equal("Healthy", await client.GetStringAsync("/health"));
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    [Fact]
    public async Task Without_a_model_the_applications_use_the_catalogue()
    {
        string folder = await templates.CreateAsync("qwen3-agents", "--skipRestore");
        string program = File.ReadAllText(Path.Combine(folder, "Program.cs"));
        Assert.Contains("= Qwen3Models.Thinking2507;", program);
        Assert.Contains("= Qwen3Models.Instruct2507;", program);
        Assert.DoesNotContain("#if", program);
        Assert.DoesNotContain("_NAME", program);
    }

    private static void Edit(string folder, string old, string replacement)
    {
        string file = Path.Combine(folder, "Program.cs");
        File.WriteAllText(file, Repository.Replace(File.ReadAllText(file), old, replacement));
    }

    /// <summary>The templates, installed apart from those of the user.</summary>
    public sealed class Templates(PackageFeed feed) : IAsyncLifetime
    {
        private readonly string _hive = feed.CreateFolder("hive");

        public async ValueTask InitializeAsync() => await feed.RunAsync(
            feed.Packages, "dotnet", "new", "install", feed.PathOf("Qwen3.Templates"), "--debug:custom-hive", _hive);

        public ValueTask DisposeAsync() => default;

        public async Task<string> CreateAsync(string template, params string[] options)
        {
            string folder = feed.CreateFolder($"From-{template}-{options.Length}");
            await feed.RunAsync(folder, "dotnet", ["new", template, "--debug:custom-hive", _hive, .. options]);
            return folder;
        }
    }
}
