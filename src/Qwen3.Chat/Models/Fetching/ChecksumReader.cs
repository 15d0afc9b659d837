using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;

namespace Qwen3.Chat.Models;

/// <summary>Computes the checksum of a file while its parts are received: it reads up to the first gap.</summary>
internal sealed class ChecksumReader : IDisposable
{
    private const int BufferSize = 1 << 20;

    private readonly PartialFile _file;
    private readonly IncrementalHash _hash;

    private readonly Channel<bool> _news =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <param name="file">The file.</param>
    /// <param name="checksum">The expected checksum, which tells the algorithm.</param>
    public ChecksumReader(PartialFile file, string checksum)
    {
        _file = file;
        _hash = CreateHash(file.Size, checksum);
    }

    /// <summary>Computes the checksum of a complete file.</summary>
    public static async Task<string> ComputeAsync(string path, string expected, CancellationToken cancellationToken)
    {
        using FileStream stream = new(
            path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        using IncrementalHash hash = CreateHash(stream.Length, expected);
        byte[] buffer = new byte[BufferSize];
        for (int read; (read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
        {
            hash.AppendData(buffer, 0, read);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Notifies the reader of new bytes.</summary>
    public void Notify() => _news.Writer.TryWrite(true);

    /// <summary>Reads the file to its end, and waits for bytes that are not there yet.</summary>
    /// <returns>The checksum in lower-case hexadecimal digits.</returns>
    public async Task<string> ComputeAsync(CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[BufferSize];
        for (long offset = 0; offset < _file.Size;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int length = (int)Math.Min(buffer.Length, _file.Front - offset);
            if (length == 0)
            {
                await _news.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                continue;
            }

            int read = _file.Read(buffer.AsSpan(0, length), offset);
            if (read == 0)
            {
                throw new IOException($"{_file.Path} was truncated by another program.");
            }

            _hash.AppendData(buffer, 0, read);
            offset += read;
        }

        return Convert.ToHexStringLower(_hash.GetHashAndReset());
    }

    public void Dispose() => _hash.Dispose();

    // SHA-256 for files in LFS; for others the SHA-1 by which git names them.
    private static IncrementalHash CreateHash(long size, string checksum)
    {
        if (checksum.Length == 2 * SHA256.HashSizeInBytes)
        {
            return IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        }

        IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        hash.AppendData(Encoding.ASCII.GetBytes($"blob {size}\0"));
        return hash;
    }
}
