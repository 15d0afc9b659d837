namespace Qwen3.Chat.Hosting;

/// <summary>One registered client. No two are equal, so that each has services of its own.</summary>
/// <param name="serviceKey">The key that it was registered with, if any.</param>
internal sealed class ModelRegistration(string? serviceKey)
{
    /// <summary>The name of its options.</summary>
    public string OptionsName { get; } = serviceKey ?? $"Qwen3 model {Guid.NewGuid():N}";
}
