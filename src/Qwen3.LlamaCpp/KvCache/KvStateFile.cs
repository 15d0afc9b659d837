using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Qwen3.LlamaCpp.KvCache;

/// <summary>
/// The seal at the end of a file that llama.cpp wrote a sequence to: which model and cache type it is of, and a checksum of what stands before.
/// </summary>
internal static class KvStateFile
{
    // The magic number, the identity, the number of tokens and the checksum.
    private const int SealLength = 8 + SHA256.HashSizeInBytes + sizeof(int) + SHA256.HashSizeInBytes;

    private static ReadOnlySpan<byte> Magic => "QWEN3KV2"u8;

    /// <summary>Tells a model, its adapters and the way in which its keys and values are stored from any other.</summary>
    public static byte[] Identity(LlamaModel model, KeyValueCacheType type, byte[] adapters)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{type}\n{model.SizeInBytes}\n{model.ParameterCount}\n"));
        hash.AppendData(adapters);
        foreach ((string key, string value) in model.Metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{key}={value}\n"));
        }

        // A fine-tuned model may have the very same metadata, so some of the weights count too.
        using FileStream file = File.OpenRead(model.Path);
        byte[] sample = new byte[4096];
        for (int i = 1; i <= 16; i++)
        {
            file.Position = file.Length / 17 * i;
            hash.AppendData(sample.AsSpan(0, file.Read(sample)));
        }

        return hash.GetHashAndReset();
    }

    public static async Task SealAsync(string path, byte[] identity, int tokens, CancellationToken cancellationToken)
    {
        byte[] count = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(count, tokens);
        byte[] checksum;
        await using (FileStream file = File.OpenRead(path))
        {
            await CheckCellsAsync(file, path, tokens, cancellationToken).ConfigureAwait(false);
            file.Position = 0;
            checksum = await SHA256.HashDataAsync(file, cancellationToken).ConfigureAwait(false);
        }

        await using var end = new FileStream(path, FileMode.Append, FileAccess.Write);
        await end.WriteAsync((byte[])[.. Magic, .. identity, .. count, .. checksum], cancellationToken).ConfigureAwait(false);
    }

    /// <returns>The number of tokens in the file.</returns>
    /// <exception cref="StateFileException">The file is not whole, or of another model.</exception>
    public static async Task<int> CheckAsync(string path, byte[] identity, CancellationToken cancellationToken)
    {
        await using FileStream file = File.OpenRead(path);
        byte[] seal = new byte[SealLength];
        if (file.Length > SealLength)
        {
            file.Position = file.Length - SealLength;
            await file.ReadExactlyAsync(seal, cancellationToken).ConfigureAwait(false);
        }

        if (!seal.AsSpan(0, Magic.Length).SequenceEqual(Magic))
        {
            throw new StateFileException(path, $"{path} is no whole file of saved keys and values. Save the conversation again.");
        }

        if (!seal.AsSpan(Magic.Length, identity.Length).SequenceEqual(identity))
        {
            throw new StateFileException(
                path,
                $"{path} was saved with another model, with other {nameof(InferenceEngineOptions.LoraAdapters)} or with another {nameof(KeyValueCacheType)}. " +
                "Load it with those that it was saved with.");
        }

        file.Position = 0;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[1 << 16];
        for (long rest = file.Length - SealLength; rest > 0;)
        {
            int length = await file.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, rest)), cancellationToken).ConfigureAwait(false);
            hash.AppendData(buffer, 0, length);
            rest -= length;
        }

        if (!hash.GetHashAndReset().AsSpan().SequenceEqual(seal.AsSpan(Magic.Length + identity.Length + sizeof(int))))
        {
            throw new StateFileException(path, $"{path} is damaged: its checksum is not that of its content. Save the conversation again.");
        }

        return BinaryPrimitives.ReadInt32LittleEndian(seal.AsSpan(Magic.Length + identity.Length));
    }

    /// <summary>
    /// Checks that each cell of a file that llama.cpp has just written belongs to one sequence: it reads no other, and would
    /// say so only when the file is needed.
    /// </summary>
    private static async Task CheckCellsAsync(FileStream file, string path, int tokens, CancellationToken cancellationToken)
    {
        // Magic number, version, number of tokens, the tokens; number of streams, number of cells; then each cell's position,
        // its number of sequences and those (llama-context.cpp and llama-kv-cache.cpp of the bound release).
        byte[] head = new byte[(3 * sizeof(int)) + ((long)tokens * sizeof(int)) + (2 * sizeof(int)) + ((long)tokens * 3 * sizeof(int))];
        int length = await file.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        int Word(int index) => BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(index * sizeof(int)));
        bool isGood = length == head.Length && Word(2) == tokens && Word(3 + tokens) == 1 && Word(4 + tokens) == tokens;
        for (int cell = 0; isGood && cell < tokens; cell++)
        {
            isGood = Word(5 + tokens + (3 * cell) + 1) == 1;
        }

        if (!isGood)
        {
            throw new StateFileException(path, $"llama.cpp wrote {path} in a form that it does not read. Save the conversation when fewer requests run.");
        }
    }
}
