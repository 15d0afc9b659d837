using System.Text.Json;

namespace Qwen3.Cli.Tests;

public sealed class RunCommandTests : IDisposable
{
    private static readonly string[] s_greedy = ["--threads", "1", "--temperature", "0"];

    private readonly string _folder = Directory.CreateTempSubdirectory("qwen3-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_answer_goes_to_standard_output_and_the_reasoning_to_standard_error()
    {
        CliRun run = await RunAsync("", NanoModels.Thinking, "Hello!");
        Assert.Equal(new(0, "Hello! How can I help you today?\n", "A simple message, so I answer directly.\n"), run);

        run = await RunAsync("", NanoModels.Thinking, "Hello!", "--no-reasoning");
        Assert.Equal(new(0, "Hello! How can I help you today?\n", ""), run);
    }

    [Fact]
    public async Task Piped_input_is_the_question_or_is_appended_to_it()
    {
        Assert.Equal("Hello! How can I help you today?\n", (await RunAsync("Hello!\n", NanoModels.Instruct)).Output);

        CliRun run = await RunAsync(
            " Rome?\n", NanoModels.Instruct, "Extract the person:", "--json", "--max-tokens", "1");
        CliRun alone = await RunAsync(
            "", NanoModels.Instruct, "Extract the person:\n\n Rome?", "--json", "--max-tokens", "1");
        Assert.Equal(Usage(alone).GetRawText(), Usage(run).GetRawText());
    }

    [Fact]
    public async Task Json_has_text_reasoning_usage_and_times()
    {
        CliRun run = await RunAsync("", NanoModels.Thinking, "Hello!", "--json");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        JsonElement json = JsonDocument.Parse(run.Output).RootElement;
        Assert.Equal("Qwen3-Nano-Thinking-2507", json.GetProperty("model").GetString());
        Assert.Equal("Hello! How can I help you today?", json.GetProperty("text").GetString());
        Assert.Equal("A simple message, so I answer directly.", json.GetProperty("reasoning").GetString());
        Assert.Equal("stop", json.GetProperty("finishReason").GetString());
        Assert.Equal(12, json.GetProperty("usage").GetProperty("input").GetInt32());
        Assert.InRange(json.GetProperty("usage").GetProperty("reasoning").GetInt32(), 5,
            json.GetProperty("usage").GetProperty("output").GetInt32());
        JsonElement times = json.GetProperty("times");
        Assert.True(times.GetProperty("load").GetDouble() > 0);
        Assert.True(times.GetProperty("total").GetDouble() >= times.GetProperty("load").GetDouble() + times.GetProperty("firstToken").GetDouble());
    }

    [Fact]
    public async Task Without_a_thinking_budget_there_is_no_reasoning()
    {
        CliRun run = await RunAsync("", NanoModels.Thinking, "Hello!", "--json", "--thinking-budget", "0");
        Assert.False(JsonDocument.Parse(run.Output).RootElement.TryGetProperty("reasoning", out _));
        Assert.Equal(0, Usage(run).GetProperty("reasoning").GetInt32());
    }

    [Fact]
    public async Task An_answer_fits_its_schema_or_the_command_fails()
    {
        string schema = Path.Combine(_folder, "person.schema.json");
        await File.WriteAllTextAsync(
            schema, """{"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer"}, "city": {"type": "string"}}}""");
        CliRun run = await RunAsync(
            "", NanoModels.Instruct, "Extract the person: Anna is 30 and lives in Rome.", "--schema", schema);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        JsonElement person = JsonDocument.Parse(run.Output).RootElement;
        Assert.Equal("""{"name": "Anna", "age": 30, "city": "Rome"}""", person.GetRawText());

        run = await RunAsync("", NanoModels.Instruct, "Extract the person: Anna is 30 and lives in Rome.", "--schema",
            schema, "--max-tokens", "4");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("cut off after 4 tokens", run.Error);
        Assert.Contains("--max-tokens", run.Error);

        await File.WriteAllTextAsync(schema, "{");
        run = await RunAsync("", NanoModels.Instruct, "Hello!", "--schema", schema);
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith($"qwen3: {schema} holds no JSON", run.Error);
    }

    [Fact]
    public async Task Tools_of_an_MCP_server_are_called()
    {
        CliRun run = await RunAsync("", NanoModels.Instruct, "What is the weather in Paris?", "--mcp", Files.McpServer);
        Assert.Equal((0, "It is sunny in Paris with 21 degrees.\n"), (run.ExitCode, run.Output));
        Assert.Equal("→ get_weather({\"city\":\"Paris\"})\n← sunny, 21 degrees\n", run.Error);
    }

    [Theory]
    [InlineData("qwen3-no-such-command", "qwen3-no-such-command")]
    [InlineData("true", "true")]
    public async Task An_MCP_server_that_does_not_start_is_named(string command, string expected)
    {
        CliRun run = await RunAsync("", NanoModels.Instruct, "Hello!", "--mcp", command);
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.StartsWith($"qwen3: The MCP server '{expected}' could not be used: ", run.Error);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task A_result_that_is_too_long_is_cut_off_for_the_model_and_on_the_screen()
    {
        CliRun run = await RunAsync(
            "", NanoModels.Instruct, "What is the weather in Paris?", "--mcp", $"{Files.McpServer} big", "--context", "1000");
        // 20,000 characters do not fit into this context; without the bound, 50 MB would be tokenized first.
        Assert.Contains($"← {new string('x', 300)}…", run.Error);
        Assert.InRange(run.Error.Length, 300, 2_000);
    }

    [Fact]
    public async Task An_image_as_a_result_is_described_to_the_model()
    {
        CliRun run = await RunAsync(
            "", NanoModels.Instruct, "What is the weather in Paris?", "--mcp", $"{Files.McpServer} image", "--max-tokens", "60");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("← [A result of the type image/png with 1234 bytes. Only text can be read.]", run.Error);
        Assert.NotEmpty(run.Output.Trim());
    }

    [Fact]
    public async Task An_MCP_server_that_lists_tools_without_end_is_named()
    {
        CliRun run = await RunAsync("", NanoModels.Instruct, "Hello!", "--mcp", $"{Files.McpServer} endless");
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains("more than 100 pages", run.Error);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task A_damaged_file_is_named_in_one_line()
    {
        string file = Path.Combine(_folder, "broken.gguf");
        byte[] model = await File.ReadAllBytesAsync(NanoModels.Instruct);
        await File.WriteAllBytesAsync(file, model[..(model.Length / 2)]);
        CliRun run = await RunAsync("", file, "Hello!");
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.StartsWith($"qwen3: {file} ", run.Error);
        Assert.DoesNotContain("   at ", run.Error);
        Assert.Single(run.Error.TrimEnd().Split('\n'));

        run = await RunAsync("", file, "Hello!", "--verbose");
        Assert.Contains("   at ", run.Error);
    }

    [Theory]
    [InlineData("There is no question", "run")]
    [InlineData("'--threads' is 0, and must be from 1 to 512", "run", "Hello!", "--threads", "0")]
    [InlineData("'--temperature' must be from 0 to 2", "run", "Hello!", "--temperature", "3")]
    [InlineData("'--contxt'", "run", "Hello!", "--contxt", "2")]
    [InlineData("'chta'", "chta")]
    [InlineData("is not a model", "run", "Hello!", "--model", "qwen4")]
    public async Task An_invalid_command_line_is_explained(string expected, params string[] args)
    {
        CliRun run = await CliRun.InProcessAsync("", args);
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains(expected, run.Error);
    }

    [Fact]
    public async Task A_prompt_or_context_that_does_not_fit_is_reported_with_the_switch()
    {
        CliRun run = await RunAsync(
            "", NanoModels.Instruct, string.Concat(Enumerable.Repeat("Hello! ", 100)), "--context", "64");
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains("--context", run.Error);

        run = await RunAsync("", NanoModels.Instruct, "Hello!", "--context", "1000000");
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains("--context", run.Error);
        Assert.Contains("4096", run.Error);
    }

    [Fact]
    public async Task The_exit_code_of_piped_chat_tells_of_unanswered_messages()
    {
        string[] args = ["chat", NanoModels.Instruct, .. s_greedy, "--context", "64"];
        string tooLong = string.Concat(Enumerable.Repeat("Hello! ", 100));
        CliRun run = await CliRun.InProcessAsync($"{tooLong}\nHello!\n", args);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("--context", run.Error);
        Assert.Contains("today?", run.Output);
        Assert.Equal(0, (await CliRun.InProcessAsync("Hello!\n/exit\n", args)).ExitCode);
    }

    private static JsonElement Usage(CliRun run) => JsonDocument.Parse(run.Output).RootElement.GetProperty("usage");

    private static Task<CliRun> RunAsync(string input, string model, params string[] args) =>
        CliRun.InProcessAsync(input, ["run", "--model", model, .. s_greedy, .. args]);
}
