using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Tests;

/// <summary>The two nano models, loaded once for the tests of a class.</summary>
public sealed class ModelFixture : IDisposable
{
    public LlamaModel Instruct { get; } = LlamaModel.Load(NanoModels.Instruct);

    public LlamaModel Thinking { get; } = LlamaModel.Load(NanoModels.Thinking);

    public Tokenizer Tokenizer => Instruct.Tokenizer;

    public void Dispose()
    {
        Instruct.Dispose();
        Thinking.Dispose();
    }
}
