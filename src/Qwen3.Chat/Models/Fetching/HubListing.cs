namespace Qwen3.Chat.Models.Fetching;

/// <summary>The files of a repository.</summary>
/// <param name="Files">The GGUF models with safe names, in the hub's order.</param>
/// <param name="IsMain">Whether they are what the branch <c>main</c> of the Hugging Face Hub has.</param>
internal sealed record HubListing(IReadOnlyList<HubFile> Files, bool IsMain);
