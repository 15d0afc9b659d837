using Qwen3.LlamaCpp.Scheduling;

namespace Qwen3.LlamaCpp.Tests.Scheduling;

public sealed class StepBudgetTests
{
    [Fact]
    public void A_prompt_alone_uses_the_whole_batch() =>
        Assert.Equal(512, new StepBudget().PrefillTokens(512, prompts: 1, isAlone: true, mustBeShort: false));

    [Fact]
    public void Beside_answers_a_step_takes_a_fifth_of_a_second_at_the_measured_speed()
    {
        var budget = new StepBudget();
        budget.Record(tokens: 100, TimeSpan.FromSeconds(0.5));
        Assert.Equal(40, budget.PrefillTokens(512, prompts: 1, isAlone: false, mustBeShort: true));
        Assert.Equal(200, budget.PrefillTokens(512, prompts: 2, isAlone: false, mustBeShort: false));
        Assert.Equal(20, budget.PrefillTokens(20, prompts: 1, isAlone: false, mustBeShort: true));
    }

    [Fact]
    public void A_slow_machine_still_computes_the_smallest_chunk_and_a_token_of_each_prompt()
    {
        var budget = new StepBudget();
        budget.Record(tokens: 16, TimeSpan.FromMinutes(1));
        Assert.Equal(StepBudget.MinChunk, budget.PrefillTokens(512, prompts: 2, isAlone: false, mustBeShort: true));
        Assert.Equal(40, budget.PrefillTokens(512, prompts: 40, isAlone: false, mustBeShort: true));
    }

    [Fact]
    public void Steps_of_a_few_tokens_and_of_no_time_are_not_measured()
    {
        var budget = new StepBudget();
        budget.Record(tokens: 1000, TimeSpan.FromSeconds(1));
        budget.Record(tokens: 4, TimeSpan.FromSeconds(1));
        budget.Record(tokens: 4000, TimeSpan.Zero);
        Assert.Equal(200, budget.PrefillTokens(512, prompts: 1, isAlone: false, mustBeShort: true));
    }
}
