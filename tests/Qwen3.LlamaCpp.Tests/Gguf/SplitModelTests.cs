using Qwen3.Tests;

namespace Qwen3.LlamaCpp.Tests.Gguf;

public sealed class SplitModelTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("qwen3-tests-").FullName;
    private readonly GgufParts _model = GgufParts.Read(File.ReadAllBytes(NanoModels.Instruct));

    private string First => Path.Combine(_folder, "nano-00001-of-00003.gguf");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_model_in_three_parts_is_what_it_is_in_one()
    {
        WriteParts();
        var whole = ModelFile.Read(NanoModels.Instruct);
        var file = ModelFile.Read(First);
        Assert.Equal(3, file.Files.Count);
        Assert.All(file.Files, part => Assert.True(File.Exists(part)));
        Assert.Equal(whole.Header.Tensors.Select(tensor => tensor.Name), file.Header.Tensors.Select(tensor => tensor.Name));
        Assert.Equal(whole.Shape, file.Shape);

        using LlamaModel one = LlamaModel.Load(NanoModels.Instruct);
        using LlamaModel model = LlamaModel.Load(First);
        Assert.Equal((one.SizeInBytes, one.ParameterCount, one.Quantization), (model.SizeInBytes, model.ParameterCount, model.Quantization));
    }

    [Fact]
    public void A_missing_part_is_named()
    {
        WriteParts();
        string third = Path.Combine(_folder, "nano-00003-of-00003.gguf");
        File.Delete(third);
        Assert.Contains($"{third} is missing", Assert.Throws<ModelFileException>(() => ModelFile.Read(First)).Message);
    }

    /// <summary>llama.cpp ends the process over a number of the part that has another type than it expects.</summary>
    [Fact]
    public void A_part_with_a_number_of_another_type_is_refused()
    {
        WriteParts((part, number) => part == 1 ? GgufParts.Int32(number) : GgufParts.UInt16((ushort)number));
        Assert.Contains("split.no", Assert.Throws<ModelFileException>(() => LlamaModel.Load(First)).Message);
    }

    [Fact]
    public void Parts_in_the_wrong_order_are_refused()
    {
        WriteParts((part, number) => GgufParts.UInt16((ushort)(part == 0 ? 0 : 3 - number)));
        Assert.Contains("split.no should be 1", Assert.Throws<ModelFileException>(() => LlamaModel.Load(First)).Message);
    }

    [Fact]
    public void A_truncated_part_is_refused()
    {
        WriteParts();
        string second = Path.Combine(_folder, "nano-00002-of-00003.gguf");
        using (FileStream file = File.OpenWrite(second))
        {
            file.SetLength(file.Length / 2);
        }

        var exception = Assert.Throws<ModelFileException>(() => LlamaModel.Load(First));
        Assert.Contains("damaged or incomplete", exception.Message);
        Assert.Contains(second, exception.Message);
    }

    [Fact]
    public void A_tensor_in_two_parts_is_refused()
    {
        _model.Tensors[^1] = _model.Tensors[0];
        WriteParts();
        Assert.Contains("the same tensor", Assert.Throws<ModelFileException>(() => LlamaModel.Load(First)).Message);
    }

    [Fact]
    public void Another_part_than_the_first_is_refused()
    {
        WriteParts();
        Assert.Contains(
            "not the first part", Assert.Throws<ModelFileException>(() => ModelFile.Read(Path.Combine(_folder, "nano-00002-of-00003.gguf"))).Message);
    }

    private void WriteParts(Func<int, int, byte[]>? number = null)
    {
        number ??= (_, i) => GgufParts.UInt16((ushort)i);
        int each = (_model.Tensors.Count + 2) / 3;
        for (int i = 0; i < 3; i++)
        {
            List<(string, byte[])> entries = i == 0 ? [.. _model.Entries] : [];
            entries.Add(("split.no", number(i, i)));
            entries.Add(("split.count", GgufParts.UInt16(3)));
            entries.Add(("split.tensors.count", GgufParts.Int32(_model.Tensors.Count)));
            File.WriteAllBytes(
                Path.Combine(_folder, $"nano-{i + 1:D5}-of-00003.gguf"), GgufParts.Write(entries, [.. _model.Tensors.Skip(i * each).Take(each)]));
        }
    }
}
