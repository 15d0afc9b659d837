using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Qwen3.Chat.Models.Fetching;

/// <summary>
/// A file that is being fetched in parts. Behind its bytes it has a table of how far each part is, so that another process can go on; when all parts
/// are there the table is cut off. What is counted in the table was written before.
/// </summary>
internal sealed class PartialFile : IDisposable
{
    private const ulong Magic = 0x31_54_52_41_50_33_4E_51; // "QN3PART1"

    private readonly SafeFileHandle _file;
    private readonly int _partSize;
    private readonly long[] _done;
    private readonly byte[] _entry = new byte[sizeof(long)];
    private readonly Lock _lock = new();
    private long _total;

    private PartialFile(string path, SafeFileHandle file, long size, int partSize)
    {
        Path = path;
        _file = file;
        Size = size;
        _partSize = partSize;
        _done = new long[Math.Max(1, (size + partSize - 1) / partSize)];
    }

    public string Path { get; }

    public long Size { get; }

    public int Parts => _done.Length;

    /// <summary>Whether there was something to go on with.</summary>
    public bool IsResumed { get; private set; }

    /// <summary>How many bytes are there.</summary>
    public long Total => Interlocked.Read(ref _total);

    /// <summary>How many bytes from the beginning on are there without a gap.</summary>
    public long Front
    {
        get
        {
            for (int part = 0; part < _done.Length; part++)
            {
                long done = Done(part);
                if (done < Length(part))
                {
                    return Start(part) + done;
                }
            }

            return Size;
        }
    }

    private long TableLength => sizeof(long) * (_done.Length + 2L);

    /// <summary>Opens the file, or begins it anew where it is none of this size and with parts of this size.</summary>
    public static PartialFile Open(string path, long size, int partSize)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        SafeFileHandle handle = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        try
        {
            var file = new PartialFile(path, handle, size, partSize);
            file.IsResumed = file.ReadTable();
            if (!file.IsResumed)
            {
                file.Restart();
            }

            return file;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    public long Start(int part) => (long)part * _partSize;

    public long Length(int part) => Math.Min(_partSize, Size - Start(part));

    public long Done(int part) => Interlocked.Read(ref _done[part]);

    /// <summary>Adds bytes to a part.</summary>
    public void Append(int part, ReadOnlySpan<byte> bytes)
    {
        long done = Done(part);
        RandomAccess.Write(_file, bytes, Start(part) + done);
        lock (_lock)
        {
            BinaryPrimitives.WriteInt64LittleEndian(_entry, done + bytes.Length);
            RandomAccess.Write(_file, _entry, Size + (sizeof(long) * (part + 2L)));
        }

        Interlocked.Exchange(ref _done[part], done + bytes.Length);
        Interlocked.Add(ref _total, bytes.Length);
    }

    public int Read(Span<byte> buffer, long offset) => RandomAccess.Read(_file, buffer, offset);

    /// <summary>Forgets what is there.</summary>
    public void Restart()
    {
        Array.Clear(_done);
        _total = 0;
        RandomAccess.SetLength(_file, 0);
        RandomAccess.SetLength(_file, Size + TableLength);
        byte[] head = new byte[2 * sizeof(long)];
        BinaryPrimitives.WriteUInt64LittleEndian(head, Magic);
        BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(sizeof(long)), _partSize);
        RandomAccess.Write(_file, head, Size);
    }

    /// <summary>Cuts off the table. The file is what it is to be, and on the disk: its name is not to outlive its bytes when the power fails.</summary>
    public void Complete()
    {
        RandomAccess.SetLength(_file, Size);
        RandomAccess.FlushToDisk(_file);
    }

    public void Dispose() => _file.Dispose();

    private bool ReadTable()
    {
        long length = RandomAccess.GetLength(_file);
        byte[] table = new byte[TableLength];
        if (length == Size && Size > 0)
        {
            // Completed, and interrupted before it got its name.
            for (int part = 0; part < _done.Length; part++)
            {
                _done[part] = Length(part);
            }
        }
        else if (length != Size + TableLength || RandomAccess.Read(_file, table, Size) != table.Length
            || BinaryPrimitives.ReadUInt64LittleEndian(table) != Magic
            || BinaryPrimitives.ReadInt64LittleEndian(table.AsSpan(sizeof(long))) != _partSize)
        {
            return false;
        }
        else
        {
            for (int part = 0; part < _done.Length; part++)
            {
                long done = BinaryPrimitives.ReadInt64LittleEndian(table.AsSpan(sizeof(long) * (part + 2)));
                if (done < 0 || done > Length(part))
                {
                    return false;
                }

                _done[part] = done;
            }
        }

        _total = _done.Sum();
        return true;
    }
}
