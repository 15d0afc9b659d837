namespace Qwen3.LlamaCpp.KvCache;

/// <summary>A sequence to be written to a file, or read from one, between two steps of the decode loop.</summary>
internal sealed class StateTransfer
{
    private readonly TaskCompletionSource<int> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private StateTransfer(string path, int[]? tokens, int count) => (Path, Tokens, Count) = (path, tokens, count);

    public string Path { get; }

    /// <summary>Gets what to save, or <see langword="null"/> to load.</summary>
    public int[]? Tokens { get; }

    /// <summary>Gets the number of tokens in the file to load.</summary>
    public int Count { get; }

    /// <summary>Gets the number of tokens that were saved or loaded.</summary>
    public Task<int> Completion => _completion.Task;

    public static StateTransfer Save(string path, int[] tokens) => new(path, tokens, tokens.Length);

    public static StateTransfer Load(string path, int count) => new(path, tokens: null, count);

    public void Complete(int count) => _completion.TrySetResult(count);

    public void Fail(Exception exception) => _completion.TrySetException(exception);
}
