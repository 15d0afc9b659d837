using Qwen3.Tests;

namespace Qwen3.Chat.Tests.Models;

/// <summary>Models' files that are valid, and small since they have few tokens and weights.</summary>
internal static class SmallModels
{
    /// <param name="length">How long the file is to be, padded with noise, if it is not longer anyway.</param>
    /// <param name="name">
    /// The name that it gives itself, with the shape of Qwen3-4B, by which a model is known that is from nowhere in particular.
    /// </param>
    /// <param name="quantization">What it says that its quantization is.</param>
    /// <param name="isThinking">Whether it is Thinking, and not Instruct.</param>
    public static byte[] Create(int length = 0, string? name = null, string quantization = "Q8_0", bool isThinking = false)
    {
        var model = GgufParts.Read(File.ReadAllBytes(isThinking ? NanoModels.Thinking : NanoModels.Instruct));
        model.Shrink();
        model.Set("general.file_type", GgufParts.UInt32(quantization switch { "Q4_K_M" => 15, "Q8_0" => 7, _ => 1024 }));
        if (name is not null)
        {
            model.Set("general.name", GgufParts.String(name));
            model.Set("qwen3.block_count", GgufParts.UInt32(36));
            model.Set("qwen3.embedding_length", GgufParts.UInt32(2560));
        }

        byte[] bytes = GgufParts.Write(model.Entries, model.Tensors);
        byte[] padded = new byte[Math.Max(length, bytes.Length)];
        new Random(1).NextBytes(padded);
        bytes.CopyTo(padded, 0);
        return padded;
    }
}
