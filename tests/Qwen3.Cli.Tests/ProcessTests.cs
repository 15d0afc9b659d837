using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Qwen3.Cli.Tests;

/// <summary>Behaviour that is visible only in a separate process.</summary>
public sealed class ProcessTests
{
    private static readonly Dictionary<string, string?> s_nothing = [];

    [Fact]
    public async Task Redirected_output_is_plain_and_complete()
    {
        CliRun run = await CliRun.OfAsync(s_nothing, "show", NanoModels.Thinking);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.DoesNotContain('\e', run.Output);
        Assert.Matches($@"(?m)^file +{Regex.Escape(NanoModels.Thinking)} *$", run.Output);
        Assert.Matches("(?m)^variant +Thinking, by its chat template *$", run.Output);
        Assert.Matches("(?m)^quantization +Q8_0 *$", run.Output);
        Assert.Matches(@"(?m)^qwen3\.block_count +5 *$", run.Output);
        Assert.Matches(@"(?m)^4096 +[\d.]+ MiB +[\d.]+ MiB +[\d.]+ MiB *$", run.Output);
    }

    [Fact]
    public async Task show_works_without_the_llama_cpp_library()
    {
        var environment = new Dictionary<string, string?> { ["QWEN3_LLAMA_DIRECTORY"] = Path.GetTempPath() };
        CliRun run = await CliRun.OfAsync(environment, "show", NanoModels.Thinking);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Matches("(?m)^variant +Thinking", run.Output);
        Assert.Contains("'qwen3 doctor'", run.Output);
    }

    [Fact]
    public async Task Ctrl_C_ends_a_question_with_130()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using Process process = CliRun.Start(
            s_nothing, "run", "--model", NanoModels.Instruct, "--threads", "1", "--temperature", "0", "--mcp",
                Files.McpServer,
            "What is the weather in Oslo?");
        process.StandardInput.Close();
        string? line;
        while ((line = await process.StandardError.ReadLineAsync()) is not null && !line.StartsWith('→'))
        {
        }

        Assert.NotNull(line);
        using Process kill = Process.Start(
            "kill", ["-INT", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        CliRun run = await CliRun.EndAsync(process);
        Assert.Equal(new(130, "", ""), run);
    }

    [Fact]
    public async Task A_model_is_served_until_Ctrl_C()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var environment = new Dictionary<string, string?> { ["QWEN3_API_KEY"] = "secret" };
        using Process process = CliRun.Start(
            environment, "serve", NanoModels.Instruct, "--port", "0", "--threads", "1", "--context", "1024");
        process.StandardInput.Close();
        string? line = await process.StandardOutput.ReadLineAsync();
        Match address = Regex.Match(
            line ?? await process.StandardError.ReadToEndAsync(), "served at (http://127.0.0.1:[0-9]+/v1);");
        Assert.True(address.Success, line);

        using var client = new HttpClient();
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized,
            (await client.GetAsync($"{address.Groups[1].Value}/models")).StatusCode);
        client.DefaultRequestHeaders.Authorization = new("Bearer", "secret");
        using var question = new StringContent("""{"messages": [{"role": "user", "content": "Hello!"}], "temperature": 0}""", null, "application/json");
        using HttpResponseMessage answer = await client.PostAsync(
            $"{address.Groups[1].Value}/chat/completions", question);
        Assert.Contains("Hello", await answer.Content.ReadAsStringAsync());

        using Process kill = Process.Start(
            "kill", ["-INT", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        Assert.Equal(new(0, "", ""), await CliRun.EndAsync(process));
    }

    [Fact]
    public async Task An_empty_key_is_refused()
    {
        CliRun run = await CliRun.InProcessAsync("", "serve", NanoModels.Instruct, "--api-key", "", "--port", "0");
        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains("empty key", run.Error);
    }

    [Fact]
    public async Task A_server_for_other_machines_requires_a_key()
    {
        CliRun run = await CliRun.InProcessAsync("", "serve", NanoModels.Instruct, "--host", "0.0.0.0", "--port", "0");
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains("--api-key", run.Error);
        Assert.Contains("QWEN3_API_KEY", run.Error);
        Assert.DoesNotContain("Options", run.Error);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("127.0.0.1", null, "another program uses the port", "--port")]
    [InlineData("192.0.2.1", "0", "the address is not one of this machine", "--host")]
    public async Task A_server_that_cannot_listen_says_why_in_one_line(
        string host, string? port, string reason, string option)
    {
        var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        port ??= ((System.Net.IPEndPoint)listener.LocalEndpoint).Port.ToString(
            System.Globalization.CultureInfo.InvariantCulture);
        string[] args = ["serve", NanoModels.Instruct, "--host", host, "--port", port, "--api-key", "k", "--threads",
            "1", "--context", "512"];
        CliRun run = await CliRun.OfAsync(s_nothing, args);
        listener.Stop();
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains(reason, run.Error);
        Assert.Contains(option, run.Error);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Json_of_a_model_has_its_metadata_and_its_memory()
    {
        CliRun run = await CliRun.InProcessAsync("", "show", NanoModels.Instruct, "--json");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        JsonElement model = JsonDocument.Parse(run.Output).RootElement;
        Assert.Equal("Instruct", model.GetProperty("variant").GetString());
        Assert.Equal("qwen3", model.GetProperty("metadata").GetProperty("general.architecture").GetString());
        Assert.Contains(
            "<|im_start|>", model.GetProperty("metadata").GetProperty("tokenizer.chat_template").GetString());
        long[] totals =
            [.. model.GetProperty("memoryPlans").EnumerateArray().Select(plan => plan.GetProperty("totalBytes").GetInt64())];
        // Of one context size the types of cache, from the largest to the smallest.
        Assert.Equal(3, totals.Length);
        Assert.Equal(totals.OrderDescending(), totals);
    }

    [Fact]
    public async Task Speeds_are_measured_for_each_number_of_requests()
    {
        CliRun run = await CliRun.InProcessAsync(
            "", "bench", NanoModels.Instruct, "--threads", "1", "--repeat", "1", "--prompt-tokens", "64", "--tokens", "8", "--parallel", "1", "3",
            "--json");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        JsonElement report = JsonDocument.Parse(run.Output).RootElement;
        Assert.Equal(1, report.GetProperty("threads").GetInt32());
        Assert.Equal(64, report.GetProperty("promptTokens").GetInt32());
        Assert.Equal(8, report.GetProperty("generatedTokens").GetInt32());
        JsonElement[] runs = [.. report.GetProperty("runs").EnumerateArray()];
        Assert.Equal([1, 3], runs.Select(one => one.GetProperty("requests").GetInt32()));
        Assert.All(runs,
            one => Assert.True(one.GetProperty("promptSpeed").GetDouble() > 0 && one.GetProperty("generationSpeed").GetDouble() > 0));

        run = await CliRun.InProcessAsync(
            "", "bench", NanoModels.Instruct, "--prompt-tokens", "4000", "--parallel", "2");
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains("4096", run.Error);
    }
}
