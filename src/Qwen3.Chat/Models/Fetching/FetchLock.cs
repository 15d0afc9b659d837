namespace Qwen3.Chat.Models;

/// <summary>Lets one process at a time fetch a file. The end of the process releases the lock.</summary>
internal static class FetchLock
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(250);

    // ERROR_SHARING_VIOLATION of Windows, EWOULDBLOCK of Linux and of macOS.
    private static readonly int[] s_taken = [unchecked((int)0x80070020), 11, 35];

    /// <summary>Takes the lock, and waits while another process holds it.</summary>
    public static async Task<IDisposable> TakeAsync(
        string path, Action onWait, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        if (new FileInfo(path).LinkTarget is { } target)
        {
            // Opening it would create the file that the link leads to.
            throw new IOException($"{path} is a link to {target}. Remove it.");
        }

        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (s_taken.Contains(e.HResult))
            {
                onWait();
                await Task.Delay(s_interval, timeProvider, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
