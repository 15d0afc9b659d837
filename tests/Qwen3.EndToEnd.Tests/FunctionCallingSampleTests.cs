namespace Qwen3.EndToEnd.Tests;

public sealed class FunctionCallingSampleTests
{
    [Fact]
    public async Task Shows_reasoning_calls_results_answer_and_tokens()
    {
        SampleRun run = await SampleRun.OfAsync("FunctionCalling", []);

        Assert.Equal("", run.Error);
        Assert.Equal(0, run.ExitCode);
        string[] parts = run.Output.Split("Qwen3-Nano-Thinking-2507");
        Assert.Contains("calls   Weather-GetWeather({\"city\":\"Hanoi\"})\n  calls   Weather-GetWeather({\"city\":\"Tokyo\"})\n  result  Weather.GetWeather -> windy, 25 degrees", parts[0]);
        Assert.Contains("answer  It is windy in Hanoi with 25 degrees. It is rainy in Tokyo with 24 degrees.\n  tokens  ", parts[0]);
        Assert.DoesNotContain("thinks", parts[0]);
        Assert.Contains("thinks  First get the weather in Rome with Weather_GetWeather.", parts[1]);
        Assert.Contains("calls   Mail-SendMessage({\"recipient\":\"Anna\",\"message\":\"It is windy in Rome with 13 degrees.\"})", parts[1]);
        Assert.Contains("answer  It is windy in Rome with 13 degrees. I sent it to Anna.", parts[1]);
        Assert.Matches(@"tokens  \d+ in \(\d+ of them cached\), \d+ out \([1-9]\d* of them reasoning\)", parts[1]);
        Assert.DoesNotContain('\e', run.Output);
        Assert.DoesNotContain("<think>", run.Output);
    }

    [Fact]
    public async Task Runs_any_model_and_any_prompt()
    {
        SampleRun run = await SampleRun.OfAsync("FunctionCalling", ["--model", NanoModels.Instruct, "--prompt", "Hello!"]);
        Assert.Equal(0, run.ExitCode);
        Assert.StartsWith("Qwen3-Nano-Instruct-2507\n  user    Hello!", run.Output);
        Assert.DoesNotContain("Thinking", run.Output);
    }

    [Fact]
    public async Task Says_what_was_wrong()
    {
        SampleRun run = await SampleRun.OfAsync("FunctionCalling", ["--model", "nowhere.gguf"]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("nowhere.gguf", run.Error);
        Assert.DoesNotContain("   at ", run.Error);

        run = await SampleRun.OfAsync("FunctionCalling", ["--modell"]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--model PATH", run.Error);
    }

    [Fact]
    public async Task A_library_directory_of_the_users_own_wins()
    {
        string empty = Directory.CreateTempSubdirectory("qwen3-tests-").FullName;
        try
        {
            SampleRun run = await SampleRun.OfAsync("FunctionCalling", [], new Dictionary<string, string> { ["QWEN3_LLAMA_DIRECTORY"] = empty });
            Assert.Equal(1, run.ExitCode);
            Assert.Contains(empty, run.Error);
            Assert.Contains("QWEN3_LLAMA_DIRECTORY", run.Error);
        }
        finally
        {
            Directory.Delete(empty);
        }
    }
}
