namespace Qwen3.Chat.Hosting;

/// <summary>One registered client.</summary>
/// <param name="OptionsName">The name of its options; the service key, or one of its own for a registration without.</param>
internal sealed record ModelRegistration(string OptionsName);
