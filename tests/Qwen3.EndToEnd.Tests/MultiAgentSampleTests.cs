namespace Qwen3.EndToEnd.Tests;

public sealed class MultiAgentSampleTests
{
    [Fact]
    public async Task Hands_over()
    {
        string[] lines = await RunAsync("handoff");
        int handover = Array.FindIndex(lines, line => line.StartsWith("planner     calls handoff_to_", StringComparison.Ordinal));
        int search = Array.FindIndex(lines, line => line.StartsWith("researcher  calls Documents_Search(", StringComparison.Ordinal));
        Assert.InRange(handover, 1, search);
        // Nothing of the planner's after it has handed over, but that it has.
        Assert.Equal(
            ["planner     is told Transferred."],
            lines[(handover + 1)..].Where(line => line.StartsWith("planner", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("groupchat")]
    [InlineData("workflow")]
    public async Task Speaks_in_turn(string pattern)
    {
        string[] lines = await RunAsync(pattern);
        string[] speakers = [.. lines[1..^3].Select(line => line.Split(' ')[0]).Where(who => who.Length > 0)];
        Assert.Equal(["planner", "researcher", "writer"], speakers.Where((who, index) => index == 0 || speakers[index - 1] != who));
        Assert.Single(lines, line => line.StartsWith("researcher  calls Documents_Search(query: ", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains("handoff"));
    }

    [Fact]
    public async Task Says_what_was_wrong()
    {
        SampleRun run = await SampleRun.OfAsync("MultiAgent", ["--model", "nowhere.gguf"]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("nowhere.gguf", run.Error);
        Assert.DoesNotContain("   at ", run.Error);

        // More than the nano model's context holds.
        run = await SampleRun.OfAsync("MultiAgent", ["--threads", "1", "--question", string.Concat(Enumerable.Repeat("Paris ", 5000))]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("InferenceEngineOptions.ContextSize", run.Error);
        Assert.DoesNotContain("   at ", run.Error);

        run = await SampleRun.OfAsync("MultiAgent", ["--pattern", "magic"]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--pattern NAME", run.Error);
    }

    /// <returns>The lines, of which the last but two is the count of tokens; what the model says, which is beyond it, is not among them.</returns>
    private static async Task<string[]> RunAsync(string pattern)
    {
        SampleRun run = await SampleRun.OfAsync("MultiAgent", ["--threads", "1", "--pattern", pattern]);
        Assert.Equal("", run.Error);
        Assert.Equal(0, run.ExitCode);
        string[] lines = run.Output.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("user        I go to Lisbon", lines[0]);
        Assert.Contains("researcher  …", lines);
        Assert.Matches(@"^tokens      [1-9]\d* in \([1-9]\d* of them cached\), [1-9]\d* out$", lines[^3]);
        Assert.StartsWith("This shows the way through the workflow.", lines[^2]);
        return lines;
    }
}
