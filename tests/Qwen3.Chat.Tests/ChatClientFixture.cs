namespace Qwen3.Chat.Tests;

/// <summary>A client over each nano model, loaded once for the tests of a class.</summary>
public sealed class ChatClientFixture : IDisposable
{
    // One thread does for a model this small, and does not wait for others where the machine is busy.
    public Qwen3ChatClient Instruct { get; } = Qwen3ChatClient.Load(NanoModels.Instruct, new() { Engine = { Threads = 1 } });

    public Qwen3ChatClient Thinking { get; } = Qwen3ChatClient.Load(NanoModels.Thinking, new() { Engine = { Threads = 1 } });

    public void Dispose()
    {
        Instruct.Dispose();
        Thinking.Dispose();
    }
}
