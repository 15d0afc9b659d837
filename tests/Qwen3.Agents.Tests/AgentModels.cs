using Qwen3.Chat;

[assembly: AssemblyFixture(typeof(Qwen3.Agents.Tests.AgentModels))]

namespace Qwen3.Agents.Tests;

/// <summary>The two nano models, loaded once for all tests.</summary>
public sealed class AgentModels : IDisposable
{
    public Qwen3ChatClient Thinking { get; } = Qwen3ChatClient.Load(NanoModels.Thinking, new() { Engine = { Threads = 1 } });

    public Qwen3ChatClient Instruct { get; } = Qwen3ChatClient.Load(NanoModels.Instruct, new() { Engine = { Threads = 1 } });

    public void Dispose()
    {
        Thinking.Dispose();
        Instruct.Dispose();
    }
}
