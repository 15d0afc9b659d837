namespace Qwen3.Chat.Models;

/// <summary>
/// Reads files of other tools, which may be anything: pipes, devices, links that lead nowhere, files without end.
/// </summary>
internal static class SmallFile
{
    /// <summary>
    /// Returns the length of the regular file behind all links, or 0 if there is none. Pipes and devices have the
    /// length 0; they are not opened, because that can block for ever.
    /// </summary>
    public static long Length(string path)
    {
        try
        {
            var file = new FileInfo(path);
            var target = (FileInfo)(file.ResolveLinkTarget(returnFinalTarget: true) ?? file);
            return target.Exists ? target.Length : 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    /// <summary>
    /// Returns the content of a file, or <see langword="null"/> if it does not exist, is empty or is no regular file.
    /// </summary>
    /// <exception cref="IOException">The file is longer than allowed, or cannot be read.</exception>
    public static byte[]? Read(string path, int maxLength)
    {
        if (Length(path) == 0)
        {
            return null;
        }

        using FileStream stream = File.OpenRead(path);
        byte[] content = new byte[maxLength + 1];
        int length = stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
        return length <= maxLength
            ? content[..length]
            : throw new IOException($"{path} is longer than {maxLength} bytes.");
    }
}
