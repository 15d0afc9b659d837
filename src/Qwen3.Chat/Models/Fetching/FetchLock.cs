namespace Qwen3.Chat.Models.Fetching;

/// <summary>Has one process at a time fetch a file. Its end, however it comes, frees the lock.</summary>
internal static class FetchLock
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(250);

    // ERROR_SHARING_VIOLATION of Windows, EWOULDBLOCK of Linux and of macOS.
    private static readonly int[] s_taken = [unchecked((int)0x80070020), 11, 35];

    /// <summary>Takes the lock, waiting for as long as another has it.</summary>
    public static async Task<IDisposable> TakeAsync(string path, Action onWait, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
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
