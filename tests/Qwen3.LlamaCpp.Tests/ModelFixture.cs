namespace Qwen3.LlamaCpp.Tests;

/// <summary>The nano model, loaded once for the tests of a class.</summary>
public sealed class ModelFixture : IDisposable
{
    public LlamaModel Model { get; } = LlamaModel.Load(NanoModels.Instruct);

    public void Dispose() => Model.Dispose();
}
