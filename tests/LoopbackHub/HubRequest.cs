namespace Qwen3.Tests;

/// <summary>A request that came to the hub, or to the host that it sends on to.</summary>
/// <param name="Method">The method.</param>
/// <param name="Host">The host that it was sent to: the hub's or the other one.</param>
/// <param name="Path">The path.</param>
/// <param name="RangeStart">The first byte asked for, or <see langword="null"/>.</param>
/// <param name="RangeEnd">The last byte asked for, or <see langword="null"/>.</param>
/// <param name="Authorization">The header of this name.</param>
public sealed record HubRequest(
    string Method, string Host, string Path, long? RangeStart, long? RangeEnd, string? Authorization)
{
    public bool IsContent => Path.StartsWith("/content/", StringComparison.Ordinal);
}
