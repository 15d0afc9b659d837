using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Agents.AI.Workflows.Checkpointing;

namespace Qwen3.Agents;

/// <summary>Stores checkpoints as files in a folder, one file each, with an index of them in <c>index.jsonl</c>.</summary>
/// <remarks>
/// <para>
/// The folder belongs to one process at a time: from the constructor to <see cref="Dispose"/> or the end of the process.
/// It has the format of Agent Framework's <see cref="FileSystemJsonCheckpointStore"/>. In contrast to that store, a
/// checkpoint is complete before the index names it, an index whose last line is torn is repaired, nothing is written
/// through a symbolic link, and no file larger than 64 MiB is read or written.
/// </para>
/// <para>Not safe for concurrent use; <see cref="WorkflowCheckpoints.In"/> makes it so.</para>
/// </remarks>
public sealed class CheckpointFolder : JsonCheckpointStore, IDisposable
{
    private const string IndexName = "index.jsonl";
    private const string PartialName = "checkpoint.partial";
    private const int MaxFileBytes = 64 << 20;
    // File systems allow 255 bytes.
    private const int MaxNameLength = 240;

    private readonly string _path;
    private readonly FileStream _index;
    private readonly List<CheckpointIndexEntry> _entries;

    /// <summary>Initializes a new instance of the <see cref="CheckpointFolder"/> class.</summary>
    /// <param name="path">The folder. It is created if it does not exist.</param>
    /// <exception cref="CheckpointException">
    /// Another process uses the folder, or its index cannot be read or written.
    /// </exception>
    public CheckpointFolder(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        _path = Path.GetFullPath(path);
        string index = Path.Combine(_path, IndexName);
        try
        {
            Directory.CreateDirectory(_path);
            ThrowIfLink(index);
            _index = new(index, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new CheckpointException(
                $"The checkpoint folder {_path} cannot be opened: {e.Message} Check that no other process uses it.", e);
        }

        try
        {
            _entries = ReadIndex(index);
        }
        catch (Exception e)
        {
            _index.Dispose();
            throw e is IOException ? new CheckpointException($"The index {index} cannot be read: {e.Message}", e) : e;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="CheckpointException">The file cannot be written.</exception>
    public override async ValueTask<CheckpointInfo> CreateCheckpointAsync(
        string sessionId, JsonElement value, CheckpointInfo? parent = null)
    {
        ArgumentNullException.ThrowIfNull(sessionId);
        ObjectDisposedException.ThrowIf(!_index.CanWrite, this);
        var checkpoint = new CheckpointInfo(sessionId, $"{Guid.NewGuid():N}");
        string path = PathOf(checkpoint), partial = Path.Combine(_path, PartialName);
        try
        {
            byte[] json = JsonSerializer.SerializeToUtf8Bytes(value, CheckpointJson.Default.JsonElement);
            if (json.Length > MaxFileBytes)
            {
                throw new IOException(
                    $"It has {json.Length >> 20} MiB, and the limit is {MaxFileBytes >> 20} MiB. Let functions return less.");
            }

            // Deletes a link itself, not the file that it points to.
            File.Delete(partial);
            var file = new FileStream(partial, FileMode.CreateNew, FileAccess.Write, FileShare.None);
            await using (file.ConfigureAwait(false))
            {
                await file.WriteAsync(json).ConfigureAwait(false);
            }

            File.Move(partial, path, overwrite: true);
            var entry = new CheckpointIndexEntry(
                new(sessionId, checkpoint.CheckpointId), Path.GetFileName(path), parent?.CheckpointId);
            byte[] line = JsonSerializer.SerializeToUtf8Bytes(entry, CheckpointJson.Default.CheckpointIndexEntry);
            await _index.WriteAsync((byte[])[.. line, (byte)'\n']).ConfigureAwait(false);
            await _index.FlushAsync().ConfigureAwait(false);
            _entries.Add(entry);
            return checkpoint;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException($"The checkpoint {path} cannot be written: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="KeyNotFoundException">There is no such checkpoint.</exception>
    /// <exception cref="JsonException">The file is not JSON.</exception>
    /// <exception cref="CheckpointException">The file cannot be read.</exception>
    public override async ValueTask<JsonElement> RetrieveCheckpointAsync(string sessionId, CheckpointInfo key)
    {
        ArgumentNullException.ThrowIfNull(key);
        ObjectDisposedException.ThrowIf(!_index.CanWrite, this);
        string path = PathOf(key);
        try
        {
            ThrowIfLink(path);
            // A pipe has no length either, and reading it would not end.
            if (new FileInfo(path) is not { Exists: true, Length: > 0 and var length })
            {
                throw new KeyNotFoundException($"The checkpoint {path} does not exist or is empty.");
            }

            if (length > MaxFileBytes)
            {
                throw new IOException($"It has {length >> 20} MiB, and the limit is {MaxFileBytes >> 20} MiB.");
            }

            byte[] json = await File.ReadAllBytesAsync(path).ConfigureAwait(false);
            ReadOnlyMemory<byte> text = json.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? json.AsMemory(3) : json;
            using JsonDocument document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException($"The checkpoint {path} cannot be read: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public override ValueTask<IEnumerable<CheckpointInfo>> RetrieveIndexAsync(
        string sessionId, CheckpointInfo? withParent = null)
    {
        ObjectDisposedException.ThrowIf(!_index.CanWrite, this);
        return new((CheckpointInfo[])[
            .. _entries
                .Where(entry => entry.CheckpointInfo.SessionId == sessionId
                    && (withParent is null || entry.ParentCheckpointId == withParent.CheckpointId))
                .Select(entry => new CheckpointInfo(entry.CheckpointInfo.SessionId, entry.CheckpointInfo.CheckpointId))]);
    }

    /// <summary>Closes the index, so that another process can use the folder.</summary>
    public void Dispose() => _index.Dispose();

    /// <summary>Returns the name of a checkpoint's file, as Agent Framework forms it where that is not too long.</summary>
    internal static string FileName(CheckpointInfo checkpoint)
    {
        string name = Escape($"{checkpoint.SessionId}_{checkpoint.CheckpointId}.json");
        return name.Length <= MaxNameLength ? name
            : Escape($"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(checkpoint.SessionId)))}_{checkpoint.CheckpointId}.json");

        // Dots too, so that no name means another folder.
        static string Escape(string name) => Uri.EscapeDataString(name).Replace(".", "%2E", StringComparison.Ordinal);
    }

    internal string PathOf(CheckpointInfo checkpoint) => Path.Combine(_path, FileName(checkpoint));

    private static void ThrowIfLink(string path)
    {
        if (new FileInfo(path).LinkTarget is { } target)
        {
            throw new IOException($"{path} is a symbolic link to {target}, and links are not followed.");
        }
    }

    /// <summary>Reads the index, and cuts off a last line that a killed process has not written to its end.</summary>
    private List<CheckpointIndexEntry> ReadIndex(string path)
    {
        if (!_index.CanSeek || _index.Length > MaxFileBytes)
        {
            throw new CheckpointException(
                $"The index {path} is not a file of at most {MaxFileBytes >> 20} MiB. Use another folder.");
        }

        byte[] bytes = new byte[_index.Length];
        _index.ReadExactly(bytes);
        List<CheckpointIndexEntry> entries = [];
        int start = bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? 3 : 0, lines = 0;
        for (int end; (end = bytes.AsSpan(start).IndexOf((byte)'\n')) >= 0; start += end + 1)
        {
            ReadOnlySpan<byte> line = bytes.AsSpan(start, end).Trim("\r \0"u8);
            lines += line.IsEmpty ? 0 : 1;
            if (ReadEntry(line) is { } entry)
            {
                entries.Add(entry);
            }
        }

        if (lines > 0 && entries.Count == 0)
        {
            throw new CheckpointException(
                $"The file {path} is not an index of checkpoints: none of its lines can be read. Use another folder.");
        }

        if (start < bytes.Length)
        {
            if (ReadEntry(bytes.AsSpan(start)) is { } last)
            {
                entries.Add(last);
                _index.WriteByte((byte)'\n');
            }
            else
            {
                _index.SetLength(start);
            }

            _index.Flush();
        }

        return entries;
    }

    private static CheckpointIndexEntry? ReadEntry(ReadOnlySpan<byte> line)
    {
        try
        {
            return !line.IsEmpty
                && JsonSerializer.Deserialize(line, CheckpointJson.Default.CheckpointIndexEntry)
                    is { CheckpointInfo: { SessionId: not null, CheckpointId: not null } } entry
                ? entry
                : null;
        }
        catch (JsonException)
        {
            // One checkpoint cannot be found; the others can.
            return null;
        }
    }
}

/// <summary>A line of the index.</summary>
internal sealed record CheckpointIndexEntry(CheckpointKey CheckpointInfo, string? FileName, string? ParentCheckpointId)
{
    /// <summary>Gets a value that tells Agent Framework's store that the parent is known.</summary>
    public bool HasParentMetadata => true;
}

/// <summary>What a checkpoint is found by.</summary>
internal sealed record CheckpointKey(string SessionId, string CheckpointId);
