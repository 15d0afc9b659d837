using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Qwen3.Chat.Models;

/// <summary>
/// A file that is fetched in parts. A table of the progress of each part follows its content, so that a later process
/// can resume; it is removed when all parts are complete. The content is written before the table.
/// </summary>
/// <remarks>
/// Only a file of this kind is changed. Any other file or link in its place is removed and a new file is created, so
/// that nothing is written to what a symbolic or a hard link leads to.
/// </remarks>
internal sealed class PartialFile : IDisposable
{
    private const ulong Magic = 0x31_54_52_41_50_33_4E_51; // "QN3PART1"

    private SafeFileHandle _file;
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

    /// <summary>Whether the file has content of an earlier run.</summary>
    public bool IsResumed { get; private set; }

    /// <summary>The number of bytes in the file.</summary>
    public long Total => Interlocked.Read(ref _total);

    /// <summary>The number of bytes from the start to the first gap.</summary>
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

    /// <summary>
    /// Opens the file to resume it, or creates a new one if it has another size, another size of parts or other
    /// content.
    /// </summary>
    public static PartialFile Open(string path, long size, int partSize)
    {
        SafeFileHandle? existing = OpenExisting(path);
        var file = new PartialFile(path, existing ?? Create(path), size, partSize);
        try
        {
            file.IsResumed = existing is not null && file.ReadTable();
            if (existing is null)
            {
                file.WriteTable();
            }
            else if (!file.IsResumed)
            {
                file.Restart();
            }

            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public long Start(int part) => (long)part * _partSize;

    public long Length(int part) => Math.Min(_partSize, Size - Start(part));

    public long Done(int part) => Interlocked.Read(ref _done[part]);

    /// <summary>Appends bytes to a part.</summary>
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

    /// <summary>Starts from the beginning, in a new file.</summary>
    public void Restart()
    {
        _file.Dispose();
        File.Delete(Path);
        _file = Create(Path);
        IsResumed = false;
        Array.Clear(_done);
        _total = 0;
        WriteTable();
    }

    /// <summary>
    /// Removes the table and flushes the file, so that its name does not survive a power failure without its content.
    /// </summary>
    public void Complete()
    {
        RandomAccess.SetLength(_file, Size);
        RandomAccess.FlushToDisk(_file);
    }

    public void Dispose() => _file.Dispose();

    private static SafeFileHandle? OpenExisting(string path)
    {
        var info = new FileInfo(path);
        if (info.LinkTarget is null && info.Exists && info.Length > 0)
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        }

        // A link leads elsewhere, and a pipe would block. Neither is a file of this kind.
        File.Delete(path);
        return null;
    }

    // CreateNew follows no link.
    private static SafeFileHandle Create(string path) =>
        File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);

    private void WriteTable()
    {
        RandomAccess.SetLength(_file, Size + TableLength);
        byte[] head = new byte[2 * sizeof(long)];
        BinaryPrimitives.WriteUInt64LittleEndian(head, Magic);
        BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(sizeof(long)), _partSize);
        RandomAccess.Write(_file, head, Size);
    }

    private bool ReadTable()
    {
        long length = RandomAccess.GetLength(_file);
        byte[] table = new byte[TableLength];
        if (length == Size && Size > 0)
        {
            // Completed, but the process ended before the file was renamed.
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
