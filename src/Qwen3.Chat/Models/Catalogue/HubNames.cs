namespace Qwen3.Chat.Models;

/// <summary>
/// Validates names of repositories, files and revisions. They come from a hub or a caller and become paths on this
/// machine.
/// </summary>
internal static class HubNames
{
    private const int MaxLength = 512;

    // Names that Windows reserves for devices in every folder.
    private static readonly string[] s_devices = ["CON", "PRN", "AUX", "NUL", "COM", "LPT"];

    /// <summary>
    /// Returns whether a name is <c>owner/name</c>, each of letters, digits, <c>_</c>, <c>.</c> and <c>-</c>.
    /// </summary>
    public static bool IsRepository(string name)
    {
        string[] parts = name.Split('/');
        return parts.Length == 2 && name.Length <= 256 && parts.All(part =>
            part.Length > 0
                && part.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-')
                && IsSegment(part)
                && !part.Contains("--", StringComparison.Ordinal));
    }

    /// <summary>
    /// Returns whether a name is a relative path without <c>..</c>, with <c>/</c> between folders, that every system
    /// accepts.
    /// </summary>
    public static bool IsFile(string name) => name.Length is > 0 and <= MaxLength && name.Split('/').All(IsSegment);

    /// <summary>Returns whether a name is a git commit.</summary>
    public static bool IsCommit(string name) => name.Length == 40 && name.All(char.IsAsciiHexDigitLower);

    /// <summary>Returns whether a text is a checksum that a hub gives a file: SHA-256 in LFS, SHA-1 in git.</summary>
    public static bool IsChecksum(string name) => name.Length is 40 or 64 && name.All(char.IsAsciiHexDigitLower);

    private static bool IsSegment(string segment)
    {
        string stem = segment.Split('.')[0];
        return segment.Length > 0 && segment[0] is not ('.' or ' ') && segment[^1] is not ('.' or ' ')
            && !segment.Any(c => char.IsControl(c) || c is '\\' or ':' or '*' or '?' or '"' or '<' or '>' or '|')
            && !s_devices.Any(device => stem.StartsWith(device, StringComparison.OrdinalIgnoreCase)
                && (stem.Length == device.Length || (stem.Length == device.Length + 1 && char.IsAsciiDigit(stem[^1]))));
    }
}
