namespace Qwen3.Chat.Tests;

/// <summary>A client over each nano model, loaded once for the tests of a class.</summary>
public sealed class ChatClientFixture : IDisposable
{
    public Qwen3ChatClient Instruct { get; } = Qwen3ChatClient.Load(NanoModels.Instruct);

    public Qwen3ChatClient Thinking { get; } = Qwen3ChatClient.Load(NanoModels.Thinking);

    public void Dispose()
    {
        Instruct.Dispose();
        Thinking.Dispose();
    }
}
