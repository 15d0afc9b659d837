using System.Buffers.Binary;
using System.Text;

namespace Qwen3.LlamaCpp.Gguf;

/// <summary>Reads a GGUF header forwards, believing no number in it before it was held against the size of the file.</summary>
internal sealed class GgufReader : IDisposable
{
    private readonly string _path;
    private readonly FileStream _stream;
    private readonly byte[] _buffer = new byte[1 << 16];
    private int _start;
    private int _end;

    public GgufReader(string path)
    {
        _path = path;
        var file = new FileInfo(path);
        if ((file.ResolveLinkTarget(returnFinalTarget: true) ?? file) is FileInfo { Exists: true, Length: 0 })
        {
            // Pipes and devices have no length, and opening one can block for ever.
            throw new ModelFileException(path, $"{path} is no GGUF file: it is empty, or it is a pipe or a device.");
        }

        // bufferSize 0: this class buffers itself, and skips by seeking.
        _stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        Length = _stream.Length;
    }

    public long Length { get; }

    public long Position => _stream.Position - (_end - _start);

    private long Remaining => Length - Position;

    public byte ReadByte(string what) => Take(1, what)[0];

    public uint ReadUInt32(string what) => BinaryPrimitives.ReadUInt32LittleEndian(Take(4, what));

    public ulong ReadUInt64(string what) => BinaryPrimitives.ReadUInt64LittleEndian(Take(8, what));

    /// <summary>Reads a count of things that take at least <paramref name="minimumSize"/> bytes each.</summary>
    public long ReadCount(string what, int minimumSize)
    {
        ulong count = ReadUInt64(what);
        return count <= (ulong)(Remaining / minimumSize)
            ? (long)count
            : throw Damaged($"{what} has {count} elements or bytes, more than the remaining {Remaining} bytes of the file can hold");
    }

    public string ReadString(string what, int maxLength)
    {
        int length = ReadLength(what, maxLength);
        return length <= _buffer.Length ? Encoding.UTF8.GetString(Take(length, what)) : Encoding.UTF8.GetString(ReadBytes(length, what));
    }

    /// <summary>Reads a string that is looked at and not kept: what is returned lasts until the next call.</summary>
    public ReadOnlySpan<byte> PeekString(string what) => Take(ReadLength(what, _buffer.Length), what);

    public void SkipString(string what) => Skip(ReadCount(what, 1), what);

    public byte[] ReadBytes(int length, string what)
    {
        Require(length, what);
        byte[] bytes = new byte[length];
        int buffered = Math.Min(length, _end - _start);
        _buffer.AsSpan(_start, buffered).CopyTo(bytes);
        _start += buffered;
        _stream.ReadExactly(bytes, buffered, length - buffered);
        return bytes;
    }

    public void Skip(long length, string what)
    {
        Require(length, what);
        int buffered = (int)Math.Min(length, _end - _start);
        _start += buffered;
        if (length > buffered)
        {
            _stream.Seek(length - buffered, SeekOrigin.Current);
        }
    }

    public ModelFileException Damaged(string finding) => new(
        _path,
        $"{_path} is damaged or incomplete: {finding}, at byte {Position} of {Length}. Fetch the file again and compare its size and checksum with the source's.");

    public void Dispose() => _stream.Dispose();

    private int ReadLength(string what, int maxLength)
    {
        long length = ReadCount(what, 1);
        return length <= maxLength ? (int)length : throw Damaged($"{what} is {length} bytes long, where at most {maxLength} are plausible");
    }

    private ReadOnlySpan<byte> Take(int length, string what)
    {
        Require(length, what);
        if (_end - _start < length)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
            _end += _stream.ReadAtLeast(_buffer.AsSpan(_end), length - _end);
        }

        _start += length;
        return _buffer.AsSpan(_start - length, length);
    }

    private void Require(long length, string what)
    {
        if (length > Remaining)
        {
            throw Damaged($"the file ends inside {what}, which needs {length} bytes where {Remaining} are left");
        }
    }
}
