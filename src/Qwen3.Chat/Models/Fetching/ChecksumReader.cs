using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;

namespace Qwen3.Chat.Models.Fetching;

/// <summary>Computes a file's checksum while its parts come: it follows the front up to which all bytes are there.</summary>
internal sealed class ChecksumReader : IDisposable
{
    private const int BufferSize = 1 << 20;

    private readonly PartialFile _file;
    private readonly IncrementalHash _hash;
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <param name="file">The file.</param>
    /// <param name="checksum">What is expected: SHA-256, or, where it is shorter, what git names a file by.</param>
    public ChecksumReader(PartialFile file, string checksum)
    {
        _file = file;
        if (checksum.Length == 2 * SHA256.HashSizeInBytes)
        {
            _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        }
        else
        {
            _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
            _hash.AppendData(Encoding.ASCII.GetBytes($"blob {file.Size}\0"));
        }
    }

    /// <summary>Tells that bytes have come.</summary>
    public void Notify() => _news.Writer.TryWrite(true);

    /// <summary>Reads the whole file as it comes.</summary>
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
                throw new IOException($"{_file.Path} was cut short by something else.");
            }

            _hash.AppendData(buffer, 0, read);
            offset += read;
        }

        return Convert.ToHexStringLower(_hash.GetHashAndReset());
    }

    public void Dispose() => _hash.Dispose();
}
