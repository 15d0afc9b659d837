namespace Qwen3.LlamaCpp.Scheduling;

/// <summary>A sequence to be written to a file, or read from one, between two steps of the decode loop.</summary>
internal sealed class StateTransfer(string path, int[]? tokens)
{
    private readonly TaskCompletionSource<int> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Path { get; } = path;

    /// <summary>What to save; <see langword="null"/> to load.</summary>
    public int[]? Tokens { get; } = tokens;

    /// <summary>How many tokens went over.</summary>
    public Task<int> Completion => _completion.Task;

    public void Complete(int count) => _completion.TrySetResult(count);

    public void Fail(Exception exception) => _completion.TrySetException(exception);
}
