namespace Qwen3.Tests;

/// <summary>A request to the hub, or to the host that its redirects lead to.</summary>
/// <param name="Method">The method.</param>
/// <param name="Host">The host name of the request.</param>
/// <param name="Path">The path.</param>
/// <param name="RangeStart">The first requested byte, or <see langword="null"/>.</param>
/// <param name="RangeEnd">The last requested byte, or <see langword="null"/>.</param>
/// <param name="Authorization">The header of this name.</param>
public sealed record HubRequest(
    string Method, string Host, string Path, long? RangeStart, long? RangeEnd, string? Authorization)
{
    public bool IsContent => Path.StartsWith("/content/", StringComparison.Ordinal);
}
