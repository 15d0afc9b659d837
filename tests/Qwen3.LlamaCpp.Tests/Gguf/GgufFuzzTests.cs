using Qwen3.Tests;

namespace Qwen3.LlamaCpp.Tests.Gguf;

/// <summary>Whatever is in a file's header, reading it ends with the model's description or with the exception that says what is wrong.</summary>
public sealed class GgufFuzzTests(ITestOutputHelper output) : IDisposable
{
    private const int Runs = 20_000;

    private static readonly ulong[] s_extremes =
    [
        0, 1, 2, 8, 9, 31, 63, 64, 255, 256, 65_535, 65_536, int.MaxValue, (ulong)int.MaxValue + 1, uint.MaxValue, (ulong)uint.MaxValue + 1,
        long.MaxValue, (ulong)long.MaxValue + 1, ulong.MaxValue - 31, ulong.MaxValue,
    ];

    private readonly string _path = Path.Combine(Directory.CreateTempSubdirectory("qwen3-tests-").FullName, "fuzz-00001-of-00002.gguf");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Mutated_headers_are_read_or_refused(bool isSplit)
    {
        int seed = Random.Shared.Next();
        output.WriteLine($"Seed {seed}");
        var random = new Random(seed);
        byte[] source = Small(isSplit);
        File.WriteAllBytes(_path.Replace("00001-of", "00002-of", StringComparison.Ordinal), Small(isSplit, part: 1));
        File.WriteAllBytes(_path, source);
        Assert.NotNull(ModelFile.Read(_path).ChatTemplate);

        int accepted = 0;
        for (int i = 0; i < Runs / 2; i++)
        {
            byte[] bytes = Mutate(source, random);
            File.WriteAllBytes(_path, bytes);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                ModelFile.Read(_path);
                accepted++;
            }
            catch (Exception e) when (e is ModelFileException or UnsupportedModelException)
            {
                Assert.Contains(_path[..^16], e.Message);
            }

            // A buffer of 64 KiB for each part, and what the strings of the file take.
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(
                allocated < 300_000 + (8L * bytes.Length), $"Seed {seed}, run {i}: {allocated} bytes were allocated for a file of {bytes.Length}.");
        }

        output.WriteLine($"{accepted} of {Runs / 2} were read");
        Assert.InRange(accepted, 1, (Runs / 2) - 1);
    }

    /// <summary>A nano model's header with few tokens, and tensors of one block each.</summary>
    private static byte[] Small(bool isSplit, int part = 0)
    {
        var model = GgufParts.Read(File.ReadAllBytes(NanoModels.Instruct));
        model.Shrink();
        List<(string Key, byte[] Value)> entries = model.Entries;
        List<(string, ulong[], uint, byte[])> tensors = model.Tensors;
        if (isSplit)
        {
            entries = part == 0 ? entries : [];
            entries.Insert(0, ("split.no", GgufParts.UInt16((ushort)part)));
            entries.Insert(0, ("split.count", GgufParts.UInt16(2)));
            entries.Insert(0, ("split.tensors.count", GgufParts.Int32(tensors.Count)));
            tensors = [.. tensors.Where((_, i) => i % 2 == part)];
        }

        return GgufParts.Write(entries, tensors);
    }

    private static byte[] Mutate(byte[] source, Random random)
    {
        byte[] bytes = [.. source];
        for (int i = random.Next(1, 6); i > 0; i--)
        {
            // Most mutations where the most is decided: counts, first entries.
            int place = random.Next(random.Next(4) == 0 ? 64 : bytes.Length - 8);
            switch (random.Next(6))
            {
                case 0:
                    bytes[place] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[place] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    BitConverter.GetBytes(s_extremes[random.Next(s_extremes.Length)]).CopyTo(bytes, place);
                    break;
                case 3:
                    BitConverter.GetBytes((uint)s_extremes[random.Next(s_extremes.Length)]).CopyTo(bytes, place);
                    break;
                case 4:
                    int length = random.Next(1, Math.Min(200, bytes.Length - place));
                    bytes.AsSpan(random.Next(bytes.Length - length), length).CopyTo(bytes.AsSpan(place));
                    break;
                default:
                    bytes = random.Next(8) == 0 ? bytes[..Math.Max(80, place)] : bytes;
                    break;
            }
        }

        return bytes;
    }
}
