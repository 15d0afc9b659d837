using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Qwen3.EndToEnd.Tests;

public sealed class PlanAndExecuteSampleTests
{
    private const string Results = "It is sunny in Paris with 21 degrees. It is windy in Rome with 17 degrees.";

    private static readonly string[] s_plan =
        ["plan    1. Get the weather in Paris", "        2. Get the weather in Rome", "        3. Send a summary to Anna (after 1 and 2)"];

    [Fact]
    public async Task Makes_a_plan_and_carries_it_out()
    {
        SampleRun run = await SampleRun.OfAsync("PlanAndExecute", ["--threads", "1", "--plain"]);

        Assert.Equal("", run.Error);
        Assert.Equal(0, run.ExitCode);
        string[] lines = Lines(run);
        Assert.Equal("goal    Get the weather in Paris and Rome, then send a summary to Anna.", lines[0]);
        Assert.StartsWith("thinks  The goal needs 3 steps.", lines[1]);
        Assert.Equal(s_plan, lines[2..5]);

        // Both cities are asked for before either step is done.
        string[] calls = [.. Matching(lines, "calls")];
        Assert.Equal(["step 1  calls   Weather_GetWeather(city: Paris)", "step 2  calls   Weather_GetWeather(city: Rome)"], calls[..2].Order());
        Assert.True(lines.IndexOf(calls[1]) < lines.IndexOf(Matching(lines, "done").First()), run.Output);
        Assert.Equal(
            ["step 1  result  sunny, 21 degrees", "step 2  result  windy, 17 degrees", "step 3  result  Message sent to Anna."],
            Matching(lines, "result").Order());

        // The mail waits for both.
        Assert.Equal($"step 3  calls   Mail_SendMessage(recipient: Anna, message: {Results})", Assert.Single(calls[2..]));
        Assert.True(lines.IndexOf("step 3  running") > lines.IndexOf("step 1  done    It is sunny in Paris with 21 degrees."));
        Assert.True(lines.IndexOf("step 3  running") > lines.IndexOf("step 2  done    It is windy in Rome with 17 degrees."));

        Assert.Equal($"answer  {Results} I sent your message to Anna.", lines[^2]);
        Assert.Matches(@"^tokens  [1-9]\d+ read \([1-9]\d+ of them cached\), [1-9]\d+ written, in \d+\.\d s$", lines[^1]);
        Assert.DoesNotContain('\e', run.Output);
        Assert.DoesNotContain("<think>", run.Output);
    }

    [Fact]
    public async Task Goes_on_where_nobody_had_answered()
    {
        string folder = Path.Combine(Path.GetTempPath(), $"qwen3-tests-{Guid.NewGuid():N}");
        try
        {
            // The plan is approved; then nobody is there to say whether the mail may be sent.
            SampleRun run = await SampleRun.OfAsync("PlanAndExecute", ["--threads", "1", "--approve", "--checkpoints", folder], input: "y\n");
            Assert.Equal(1, run.ExitCode);
            Assert.Equal("Nobody has answered; --resume asks again.\n", run.Error.ReplaceLineEndings("\n"));
            string[] lines = Lines(run);
            Assert.Equal("Shall it carry out this plan? (y, n, or what to do better) y", lines[5]);
            Assert.Equal(s_plan, lines.Intersect(s_plan));
            Assert.Equal(["step 1  result  sunny, 21 degrees", "step 2  result  windy, 17 degrees"], Matching(lines, "result").Order());
            Assert.StartsWith("May it call Mail_SendMessage(recipient: Anna", lines[^1]);

            run = await SampleRun.OfAsync("PlanAndExecute", ["--threads", "1", "--approve", "--checkpoints", folder, "--resume"], input: "y\n");
            Assert.Equal("", run.Error);
            Assert.Equal(0, run.ExitCode);
            lines = Lines(run);
            // How far it was, and the question.
            Assert.Equal(
                [
                    "goal    Get the weather in Paris and Rome, then send a summary to Anna.",
                    .. s_plan,
                    "step 1  done    It is sunny in Paris with 21 degrees.",
                    "step 2  done    It is windy in Rome with 17 degrees.",
                    $"May it call Mail_SendMessage(recipient: Anna, message: {Results})? (y, n, or why not) y",
                ],
                lines[..7]);
            // Nothing is done twice.
            Assert.Equal(["step 3  result  Message sent to Anna."], Matching(lines, "result"));
            Assert.Equal($"answer  {Results} I sent your message to Anna.", lines[^2]);

            // It has ended, and its end is there to be seen again.
            run = await SampleRun.OfAsync("PlanAndExecute", ["--threads", "1", "--checkpoints", folder, "--resume"]);
            Assert.Equal("", run.Error);
            Assert.Equal(0, run.ExitCode);
            Assert.Equal(lines[^2..], Lines(run)[^2..]);
            Assert.Empty(Matching(Lines(run), "calls"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Plans_on_a_server_and_carries_out_here()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddQwen3ChatClient(NanoModels.Thinking, model => model.Engine.Threads = 1, serviceKey: "nano-thinking");
        builder.Services.AddQwen3Server(server => server.ApiKeys = ["a-key"]);
        await using WebApplication server = builder.Build();
        server.MapQwen3("/v1");
        await server.StartAsync(TestContext.Current.CancellationToken);

        string[] arguments = ["--planner", $"{server.Urls.First()}/v1#nano-thinking", "--executor", NanoModels.Instruct, "--threads", "1"];
        SampleRun run = await SampleRun.OfAsync("PlanAndExecute", arguments, new Dictionary<string, string> { ["QWEN3_API_KEY"] = "a-key" });
        Assert.Equal("", run.Error);
        Assert.Equal(s_plan, Lines(run)[2..5]);
        Assert.Equal($"answer  {Results} I sent your message to Anna.", Lines(run)[^2]);
        Assert.Equal(0, run.ExitCode);

        run = await SampleRun.OfAsync("PlanAndExecute", arguments);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("asks for a key", run.Output + run.Error);
    }

    [Fact]
    public async Task Ends_where_the_plan_is_refused()
    {
        SampleRun run = await SampleRun.OfAsync("PlanAndExecute", ["--threads", "1", "--approve"], input: "n\n");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("answer  The goal was not reached. The plan was refused.", Lines(run));
        Assert.Empty(Matching(Lines(run), "calls"));
    }

    [Fact]
    public async Task Says_what_was_wrong()
    {
        SampleRun run = await SampleRun.OfAsync("PlanAndExecute", ["--planner", "nowhere.gguf"]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("nowhere.gguf", run.Error);
        Assert.DoesNotContain("   at ", run.Error);

        foreach (string[] arguments in (string[][])[["--goal"], ["--resume"], ["--threads", "no"], ["Paris"]])
        {
            run = await SampleRun.OfAsync("PlanAndExecute", arguments);
            Assert.Equal(2, run.ExitCode);
            Assert.Equal("", run.Output);
            Assert.Contains("--planner MODEL", run.Error);
        }
    }

    private static string[] Lines(SampleRun run) => run.Output.ReplaceLineEndings("\n").TrimEnd().Split('\n');

    private static IEnumerable<string> Matching(string[] lines, string what) => lines.Where(line => Regex.IsMatch(line, $@"^step \d+  {what} "));
}
