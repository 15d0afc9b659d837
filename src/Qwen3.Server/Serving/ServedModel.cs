namespace Qwen3.Server.Serving;

/// <summary>A model that requests can name.</summary>
/// <param name="Id">Its name.</param>
/// <param name="ServiceKey">The key that its client is registered with, if any.</param>
internal sealed record ServedModel(string Id, object? ServiceKey);
