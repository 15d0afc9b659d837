using Qwen3.Tests;

namespace Qwen3.Chat.Tests.Models;

/// <summary>Valid model files with few tokens and weights.</summary>
internal static class SmallModels
{
    /// <param name="length">The smallest length; a shorter file is padded with noise.</param>
    /// <param name="name">
    /// The name in the header, together with the shape of Qwen3-4B: a model without a repository is recognised by both.
    /// </param>
    /// <param name="quantization">The quantization in the header.</param>
    /// <param name="isThinking">Whether the variant is Thinking instead of Instruct.</param>
    public static byte[] Create(
        int length = 0, string? name = null, string quantization = "Q8_0", bool isThinking = false)
    {
        var model = GgufParts.Read(File.ReadAllBytes(isThinking ? NanoModels.Thinking : NanoModels.Instruct));
        model.Shrink();
        model.Set(
            "general.file_type", GgufParts.UInt32(quantization switch { "Q4_K_M" => 15, "Q8_0" => 7, _ => 1024 }));
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
