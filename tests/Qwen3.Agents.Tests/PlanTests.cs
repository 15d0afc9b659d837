namespace Qwen3.Agents.Tests;

/// <summary>What a plan is, and what is wrong with one.</summary>
public sealed class PlanTests
{
    [Fact]
    public void A_plan_reads_what_it_writes()
    {
        var plan = new Plan("Hà Nội", [new(1, "Thời tiết ở \"Hà Nội\"\n?", []), new(2, "Gửi <Anna>", [1])]);
        Assert.Equal(
            """{"steps": [{"id": 1, "task": "Thời tiết ở \"Hà Nội\"\n?", "dependsOn": []}, {"id": 2, "task": "Gửi <Anna>", "dependsOn": [1]}]}""",
            plan.ToJson());
        Plan read = Plan.Parse(plan.ToJson(), "Hà Nội");
        Assert.Equal(plan.ToJson(), read.ToJson());
        Assert.Equal("Hà Nội", read.Goal);
        Assert.Empty(read.Check(2));
    }

    [Theory]
    [InlineData("no JSON", "The text is no plan in JSON")]
    [InlineData("""{"steps": 1}""", "The text is no plan in JSON")]
    [InlineData("""{"plan": []}""", "The text has no steps with tasks.")]
    [InlineData("""{"steps": [{"id": 1}]}""", "The text has no steps with tasks.")]
    [InlineData("null", "The text has no steps with tasks.")]
    public void What_is_no_plan_is_said(string text, string finding)
    {
        PlanException e = Assert.Throws<PlanException>(() => Plan.Parse(text, "Goal"));
        Assert.StartsWith(finding, Assert.Single(e.Findings));
        Assert.Equal(text, e.PlanText);
        Assert.Contains(text, e.Message);
    }

    [Theory]
    [InlineData("1 a", "")]
    [InlineData("1 a; 2 b 1; 3 c 1 2", "")]
    [InlineData("3 c 1 2; 1 a; 2 b 1", "")]
    [InlineData("", "The plan has no steps.")]
    [InlineData("1 a; 2 b; 3 c; 4 d", "The plan has 4 steps, and at most 3 are allowed.")]
    [InlineData("1 a; 1 b", "2 steps have the id 1.")]
    [InlineData("2147483647 a; -1 b", "A step has the id 2147483647. Ids are numbers from 1 to 9999.|A step has the id -1. Ids are numbers from 1 to 9999.")]
    [InlineData("1 a; 2  ", "Step 2 has no task.")]
    [InlineData("1 a 7 7; 2 b 1", "Step 1 depends on step 7, which is not in the plan.")]
    [InlineData("1 a 1", "Step 1 depends on itself.")]
    [InlineData("1 a 2; 2 b 1", "The steps 1, 2 wait for each other, so that none of them can begin.")]
    [InlineData("1 a 2; 2 b 3; 3 c 2", "The steps 2, 3 wait for each other, so that none of them can begin.")]
    [InlineData("1 a 9; 2 b 2", "Step 1 depends on step 9, which is not in the plan.|Step 2 depends on itself.")]
    public void What_keeps_a_plan_from_being_carried_out_is_said(string steps, string findings)
    {
        var plan = new Plan("Goal", [.. steps.Split("; ", StringSplitOptions.RemoveEmptyEntries).Select(step => step.Split(' ')).Select(words =>
            new PlanStep(int.Parse(words[0]), words[1], [.. words[2..].Where(word => word.Length > 0).Select(int.Parse)]))]);
        Assert.Equal(findings, string.Join('|', plan.Check(3)));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_plan_of_a_hundred_thousand_steps_in_one_circle_is_checked_in_linear_time()
    {
        var plan = new Plan("Goal", [.. Enumerable.Range(0, 100_000).Select(id => new PlanStep(id, "a", [(id + 1) % 100_000]))]);
        var chain = plan with { Steps = plan.Steps.RemoveAt(0) };
        await Task.Run(() => Assert.Contains("wait for each other", plan.Check()[^1]), TestContext.Current.CancellationToken);
        await Task.Run(
            () => Assert.Equal("Step 99999 depends on step 0, which is not in the plan.", chain.Check()[^1]), TestContext.Current.CancellationToken);
    }
}
