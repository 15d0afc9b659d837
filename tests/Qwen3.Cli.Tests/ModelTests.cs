using System.Text.Json;
using System.Text.RegularExpressions;
using Qwen3.Tests;

namespace Qwen3.Cli.Tests;

/// <summary>Naming, listing and fetching models.</summary>
public sealed class ModelTests : IDisposable
{
    private const string Repository = "unsloth/Qwen3-4B-Instruct-2507-GGUF",
        FileName = "Qwen3-4B-Instruct-2507-Q4_K_M.gguf";

    private readonly EmptyHome _home = new();

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task Without_a_name_the_only_instruct_model_is_used()
    {
        _home.MoveIn();
        CliRun run = await ShowAsync();
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains("qwen3 pull instruct-2507", run.Error);

        string first = _home.Add("first.gguf", NanoModels.Instruct);
        _home.Add("thinking.gguf", NanoModels.Thinking);
        Assert.Equal(first, Path(await ShowAsync()));

        string second = _home.Add("second.gguf", NanoModels.Instruct);
        run = await ShowAsync();
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains(first, run.Error);
        Assert.Contains(second, run.Error);
        Assert.Contains("QWEN3_MODEL", run.Error);

        Environment.SetEnvironmentVariable("QWEN3_MODEL", second);
        Assert.Equal(second, Path(await ShowAsync()));
        Assert.Equal(first, Path(await ShowAsync(first)));
    }

    [Fact]
    public async Task A_missing_model_is_reported_with_the_command_that_fetches_it()
    {
        _home.MoveIn();
        CliRun run = await ShowAsync("thinking-2507:Q8_0");
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains("'qwen3 pull thinking-2507:Q8_0'", run.Error);

        run = await CliRun.InProcessAsync("", "pull", "models/some.gguf");
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains("models/some.gguf is a file", run.Error);
    }

    [Fact]
    public async Task Models_on_this_machine_are_listed()
    {
        _home.MoveIn();
        Assert.StartsWith(
            "There are no Qwen3 models on this machine.\n", (await CliRun.InProcessAsync("", "list")).Output);

        string path = _home.Add("nano.gguf", NanoModels.Thinking);
        CliRun run = await CliRun.InProcessAsync("", "list");
        Assert.Matches($@"(?m)^Qwen3-Nano-Thinking-2507 +Thinking +Q8_0 +26\.4 MiB +yes +Folder +{Regex.Escape(path)} *$", run.Output);
        Assert.Contains("instruct-2507  Qwen3-4B-Instruct-2507: Q4_K_M (2.3 GiB)", run.Output);

        run = await CliRun.InProcessAsync("", "list", "--json");
        JsonElement model = Assert.Single(JsonDocument.Parse(run.Output).RootElement.EnumerateArray());
        Assert.Equal(path, model.GetProperty("path").GetString());
        Assert.True(model.GetProperty("fits").GetBoolean());
        Assert.Equal(new FileInfo(path).Length, model.GetProperty("sizeInBytes").GetInt64());
    }

    [Fact]
    public async Task A_model_is_fetched_at_a_terminal_and_found_afterwards()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        await using LoopbackHub hub = await LoopbackHub.StartAsync();
        hub.Add(Repository, FileName, await File.ReadAllBytesAsync(NanoModels.Instruct));
        _home.Variables["HF_ENDPOINT"] = hub.Endpoint.ToString();
        using (var terminal = new PseudoTerminal(_home.Variables, "pull", "instruct-2507"))
        {
            Assert.Equal(0, await terminal.EndAsync());
            Assert.Contains("100%", terminal.Shown);
            Assert.Contains($"{FileName}\r\n", terminal.Shown);
        }

        _home.MoveIn();
        CliRun log = await CliRun.OfAsync(_home.Variables, "pull", "instruct-2507", "--verbose");
        Assert.Contains("is on this machine", log.Error);
        string path = Path(await ShowAsync("instruct-2507"));
        Assert.StartsWith(_home.Folder, path);
        Assert.Equal($"{path}\n", (await CliRun.InProcessAsync("", "pull", "instruct-2507")).Output);

        CliRun run = await CliRun.InProcessAsync("", "pull", "hf:nobody/nothing");
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        string error = run.Error.TrimEnd().Split('\n')[^1];
        Assert.StartsWith("qwen3: ", error);
        Assert.Contains("nobody/nothing", error);
    }

    [Fact]
    public async Task A_hub_that_cannot_be_reached_is_named_with_the_attempts_and_the_switch()
    {
        string nowhere;
        await using (LoopbackHub gone = await LoopbackHub.StartAsync())
        {
            nowhere = gone.Endpoint.ToString();
        }

        CliRun run = await CliRun.OfAsync(
            _home.Variables, "pull", "instruct-2507", "--endpoint", nowhere, "--retries", "2");
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        string[] lines = run.Error.TrimEnd().Split('\n');
        Assert.StartsWith("Fetching instruct-2507:Q4_K_M into ", lines[0]);
        Assert.Equal("instruct-2507:Q4_K_M: Connecting", lines[1]);
        Assert.Equal("instruct-2507:Q4_K_M: Connecting, attempt 2 of 3", lines[2]);
        Assert.Equal("instruct-2507:Q4_K_M: Connecting, attempt 3 of 3", lines[3]);
        Assert.Equal(5, lines.Length);
        Assert.StartsWith($"qwen3: {FileName} of {Repository} could not be fetched: {nowhere} could not be reached in 3 attempts", lines[4]);
        Assert.Contains("--endpoint, HF_ENDPOINT", lines[4]);
        Assert.DoesNotContain("Options", run.Error);
    }

    [Fact]
    public async Task A_download_without_a_terminal_is_shown_in_lines()
    {
        await using LoopbackHub hub = await LoopbackHub.StartAsync();
        hub.Add(Repository, FileName, await File.ReadAllBytesAsync(NanoModels.Instruct));
        CliRun run = await CliRun.OfAsync(
            _home.Variables, "pull", "instruct-2507", "--endpoint", hub.Endpoint.ToString());
        Assert.Equal(0, run.ExitCode);
        Assert.EndsWith($"{FileName}\n", run.Output);
        Assert.Contains($"Fetching {FileName}: 100 % of ", run.Error);
        Assert.DoesNotContain('\e', run.Error);
        Assert.InRange(run.Error.Split('\n').Length, 4, 20);
    }

    [Fact]
    public async Task Errors_of_a_download_name_switches_and_variables_and_no_options_of_the_libraries()
    {
        await using LoopbackHub hub = await LoopbackHub.StartAsync();
        hub.Add(Repository, FileName, new HubContent(new byte[10], 1L << 60, new('a', 64)));
        _home.MoveIn();
        string[] args = ["pull", "instruct-2507", "--endpoint", hub.Endpoint.ToString()];
        Assert.Contains("(HF_HUB_CACHE)", (await FailsAsync()).Error);
        hub.Fault = _ => new() { Status = 401 };
        Assert.Contains("Set HF_TOKEN or the file HF_TOKEN_PATH", (await FailsAsync()).Error);
        Environment.SetEnvironmentVariable("HF_HUB_OFFLINE", "1");
        Assert.Contains("switched off by HF_HUB_OFFLINE.", (await FailsAsync()).Error);
        Environment.SetEnvironmentVariable("HF_HUB_OFFLINE", null);

        async Task<CliRun> FailsAsync()
        {
            CliRun run = await CliRun.InProcessAsync("", args);
            Assert.Equal(1, run.ExitCode);
            Assert.DoesNotContain("Options", run.Error);
            return run;
        }
    }

    /// <summary>The name has escape codes that clear the screen and set the title of the window.</summary>
    [Theory]
    [InlineData("list")]
    [InlineData("doctor")]
    [InlineData("show", "nano.gguf")]
    [InlineData("show", "evil.gguf", "--verbose")]
    [InlineData("show", "evil.gguf")]
    [InlineData("run", "Hello!", "--model", "nano.gguf", "--verbose", "--temperature", "0", "--threads", "1")]
    public async Task Control_characters_of_a_file_do_not_reach_the_terminal(params string[] args)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        const string Name = "Nano\e[2J\e]0;gone\a\u009b2J";
        GgufParts parts = GgufParts.Read(await File.ReadAllBytesAsync(NanoModels.Instruct));
        parts.Set("general.name", GgufParts.String(Name));
        await File.WriteAllBytesAsync(
            System.IO.Path.Combine(_home.Models, "nano.gguf"), GgufParts.Write(parts.Entries, parts.Tensors));
        parts.Entries.AddRange([(Name, GgufParts.UInt32(1)), (Name, GgufParts.UInt32(1))]);
        await File.WriteAllBytesAsync(
            System.IO.Path.Combine(_home.Folder, "evil.gguf"), GgufParts.Write(parts.Entries, []));
        string[] words = [.. args.Select(word => word switch
        {
            "nano.gguf" => System.IO.Path.Combine(_home.Models, word),
            "evil.gguf" => System.IO.Path.Combine(_home.Folder, word),
            _ => word,
        })];
        using var terminal = new PseudoTerminal(_home.Variables, words);
        Assert.Equal(args.Contains("evil.gguf") ? 1 : 0, await terminal.EndAsync());
        Assert.Contains("Nano", terminal.Shown);
        Assert.DoesNotContain("\e[2J", terminal.Shown, StringComparison.Ordinal);
        Assert.DoesNotContain("\e]0", terminal.Shown, StringComparison.Ordinal);
        Assert.DoesNotContain('\u009b', terminal.Shown);
        // The trace keeps its lines.
        Assert.Equal(
            args.Contains("evil.gguf") && args.Contains("--verbose"), terminal.Shown.Contains("\n   at ", StringComparison.Ordinal));
    }

    private static Task<CliRun> ShowAsync(params string[] model) =>
        CliRun.InProcessAsync("", ["show", .. model, "--json"]);

    private static string Path(CliRun run) =>
        JsonDocument.Parse(run.Output).RootElement.GetProperty("path").GetString()!;
}
