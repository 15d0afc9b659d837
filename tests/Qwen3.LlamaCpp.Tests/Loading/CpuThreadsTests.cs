using Qwen3.LlamaCpp.Loading;

namespace Qwen3.LlamaCpp.Tests.Loading;

public sealed class CpuThreadsTests
{
    [Theory]
    [InlineData("0-7", "0,4|1,5|2,6|3,7|0,4|1,5|2,6|3,7", 4)]
    [InlineData("0-3", "0-1|0-1|2-3|2-3", 2)]
    [InlineData("0,2", "0-1|0-1|2-3|2-3", 2)]
    [InlineData("1", "0-1|0-1", 1)]
    [InlineData("0-1", "0|1", 2)]
    public void Processors_that_share_a_core_count_once(string allowed, string siblings, int expected)
    {
        string[] lists = siblings.Split('|');
        Assert.Equal(expected, CpuThreads.CountCores(CpuThreads.ParseList(allowed), processor => lists[processor]));
    }

    [Fact]
    public void The_environment_sets_the_default_within_what_the_process_may_use()
    {
        string? before = Environment.GetEnvironmentVariable(CpuThreads.Variable);
        try
        {
            Environment.SetEnvironmentVariable(CpuThreads.Variable, null);
            Assert.InRange(CpuThreads.Default, 1, Environment.ProcessorCount);
            Environment.SetEnvironmentVariable(CpuThreads.Variable, "512");
            Assert.Equal(Environment.ProcessorCount, CpuThreads.Default);
            Environment.SetEnvironmentVariable(CpuThreads.Variable, "many");
            string message = Assert.Throws<LlamaException>(() => CpuThreads.Default).Message;
            Assert.Contains("QWEN3_THREADS is 'many'", message);
        }
        finally
        {
            Environment.SetEnvironmentVariable(CpuThreads.Variable, before);
        }
    }
}
