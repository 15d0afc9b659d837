using System.Text;
using Qwen3.Tests;

namespace Qwen3.LlamaCpp.Tests;

public sealed class LlamaModelTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("qwen3-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Says_what_its_file_says()
    {
        using LlamaModel model = LlamaModel.Load(NanoModels.Thinking);

        Assert.Equal((4096, 128, 5, 4, 2), (model.ContextLength, model.EmbeddingLength, model.LayerCount, model.HeadCount, model.KeyValueHeadCount));
        Assert.Equal("qwen3", model.Metadata["general.architecture"]);
        Assert.Equal("false", model.Metadata["tokenizer.ggml.add_bos_token"]);
        Assert.Contains("<|im_start|>assistant\\n<think>\\n", model.ChatTemplate);
        Assert.Equal("Q8_0", model.Quantization);
        Assert.InRange(model.SizeInBytes, 20_000_000, new FileInfo(NanoModels.Thinking).Length);
        Assert.True(model.ParameterCount > 1_000_000);
        Assert.Equal(NanoModels.Thinking, model.Path);
        Assert.NotEmpty(model.Name);
    }

    [Fact]
    public async Task Reports_its_progress()
    {
        var progress = new Steps();
        using LlamaModel model = await LlamaModel.LoadAsync(NanoModels.Instruct, new() { Progress = progress }, TestContext.Current.CancellationToken);

        Assert.Equal(1, progress.Values[^1]);
        Assert.Equal(progress.Values.Order(), progress.Values);
    }

    [Fact]
    public async Task Loading_can_be_cancelled_midway()
    {
        using var cancellation = new CancellationTokenSource();
        var progress = new Steps(_ => cancellation.Cancel());

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => LlamaModel.LoadAsync(NanoModels.Instruct, new() { Progress = progress }, cancellation.Token));
        Assert.DoesNotContain(1f, progress.Values);
    }

    [Fact]
    public void An_exception_of_the_progress_listener_stops_the_loading_and_is_kept()
    {
        var failure = new InvalidOperationException("no more");
        var exception = Assert.Throws<LlamaException>(() => LlamaModel.Load(NanoModels.Instruct, new() { Progress = new Steps(_ => throw failure) }));
        Assert.Same(failure, exception.InnerException);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        string path = Path.Combine(_folder, "none.gguf");
        var exception = Assert.Throws<FileNotFoundException>(() => LlamaModel.Load(path));
        Assert.Equal(path, exception.FileName);
        Assert.Contains(path, exception.Message);
        Assert.Contains("directory", Assert.Throws<FileNotFoundException>(() => LlamaModel.Load(_folder)).Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("GG")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:00")]
    public void A_file_that_is_no_GGUF_is_refused(string content)
    {
        string path = Write("model.gguf", Encoding.UTF8.GetBytes(content));
        var exception = Assert.Throws<ModelFileException>(() => LlamaModel.Load(path));
        Assert.Equal(path, exception.Path);
        Assert.Contains("no GGUF file", exception.Message);
        Assert.Contains(path, exception.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    [InlineData(30)]
    [InlineData(1_000)]
    [InlineData(100_000)]
    [InlineData(3_000_000)]
    [InlineData(6_000_000)]
    [InlineData(27_000_000)]
    public void A_truncated_file_is_refused_with_the_place_where_it_ends(int length)
    {
        byte[] bytes = File.ReadAllBytes(NanoModels.Instruct)[..(length + 4)];
        string path = Write("truncated.gguf", bytes);
        var exception = Assert.Throws<ModelFileException>(() => LlamaModel.Load(path));
        Assert.Contains("damaged or incomplete", exception.Message);
        Assert.Contains($"of {bytes.Length}", exception.Message);
    }

    [Fact]
    public void Another_architecture_is_refused_by_name()
    {
        byte[] bytes = File.ReadAllBytes(NanoModels.Instruct);
        int value = bytes.AsSpan().IndexOf("general.architecture"u8) + "general.architecture".Length + sizeof(uint) + sizeof(ulong);
        "llama"u8.CopyTo(bytes.AsSpan(value));
        Assert.Equal("llama"u8, bytes.AsSpan(value, 5));

        var exception = Assert.Throws<UnsupportedModelException>(() => LlamaModel.Load(Write("llama.gguf", bytes)));

        Assert.Equal("llama", exception.Architecture);
        Assert.Contains("'llama'", exception.Message);
        Assert.Contains("'qwen3'", exception.Message);
    }

    /// <summary>llama.cpp ends the process over most of these, at once or at the first token.</summary>
    [Theory]
    [InlineData("qwen3.block_count", 0u)]
    [InlineData("qwen3.block_count", 513u)]
    [InlineData("qwen3.block_count", 100_000_000u)]
    [InlineData("qwen3.block_count", null)]
    [InlineData("qwen3.context_length", 0u)]
    [InlineData("qwen3.context_length", uint.MaxValue)]
    [InlineData("qwen3.expert_count", 1_000_000u)]
    [InlineData("qwen3.expert_used_count", 9u)]
    [InlineData("qwen3.rope.scaling.type", "bogus")]
    [InlineData("qwen3.rope.scaling.factor", 0f)]
    [InlineData("qwen3.rope.freq_base", float.NaN)]
    [InlineData("qwen3.rope.dimension_count", 8u)]
    [InlineData("qwen3.attention.layer_norm_rms_epsilon", -1f)]
    [InlineData("qwen3.attention.layer_norm_rms_epsilon", float.NaN)]
    [InlineData("qwen3.attention.layer_norm_rms_epsilon", null)]
    [InlineData("qwen3.attention.head_count", 0u)]
    [InlineData("qwen3.attention.head_count", 3u)]
    [InlineData("qwen3.attention.head_count_kv", 0u)]
    [InlineData("qwen3.attention.key_length", 64u)]
    [InlineData("qwen3.attention.value_length", 64u)]
    [InlineData("qwen3.embedding_length", "many")]
    [InlineData("tokenizer.ggml.model", "llama")]
    [InlineData("tokenizer.ggml.model", null)]
    public void A_value_that_no_Qwen3_model_has_is_refused_by_name(string key, object? value)
    {
        string path = Write("odd.gguf", GgufEdit.With(File.ReadAllBytes(NanoModels.Instruct), (key, value)));
        var exception = Assert.Throws<ModelFileException>(() => LlamaModel.Load(path));
        Assert.Contains(path, exception.Message);
        Assert.True(exception.Message.Contains(key, StringComparison.Ordinal) || exception.Message.Contains("heads", StringComparison.Ordinal) || exception.Message.Contains("tokenizer", StringComparison.Ordinal), exception.Message);
    }

    /// <summary>llama.cpp ends the process over the first.</summary>
    [Theory]
    [InlineData("same", "same", 2, "twice")]
    [InlineData("", "[EMPTY_0]", 2, "twice")]
    [InlineData("a\0b", "a\0c", 2, "twice")]
    [InlineData("one", "two", 1, "2 tokens, and the kinds of 1")]
    public void A_vocabulary_that_cannot_be_is_refused(string first, string second, int kinds, string finding)
    {
        var model = GgufParts.Read(File.ReadAllBytes(NanoModels.Instruct));
        byte[] bytes = GgufParts.Write(
            [.. model.Entries.Select(entry => entry.Key switch
            {
                "tokenizer.ggml.tokens" => (entry.Key, GgufParts.Strings([first, second])),
                "tokenizer.ggml.token_type" => (entry.Key, GgufParts.Int32s([.. Enumerable.Repeat(1, kinds)])),
                _ => entry,
            })],
            model.Tensors);
        Assert.Contains(finding, Assert.Throws<ModelFileException>(() => LlamaModel.Load(Write("vocabulary.gguf", bytes))).Message);
    }

    /// <summary>llama.cpp reads the key up to the zero, and ends the process over that many experts.</summary>
    [Theory]
    [InlineData("qwen3.expert_count\0xxx")]
    [InlineData("\0")]
    public void A_key_with_a_zero_in_it_is_refused(string key)
    {
        var model = GgufParts.Read(File.ReadAllBytes(NanoModels.Instruct));
        byte[] bytes = GgufParts.Write([.. model.Entries, (key, GgufParts.UInt32(1_000_000))], model.Tensors);
        Assert.Contains("has a zero in it", Assert.Throws<ModelFileException>(() => LlamaModel.Load(Write("zero.gguf", bytes))).Message);
    }

    /// <summary>A file with holes takes no room on the disk, and its lists no memory.</summary>
    [Fact]
    public void A_list_that_no_vocabulary_has_is_refused_before_it_is_read()
    {
        const uint Count = 50_000_000;
        byte[] start = GgufParts.Write([("tokenizer.ggml.token_type", [9, 0, 0, 0, 5, 0, 0, 0, .. BitConverter.GetBytes((ulong)Count)])], []);
        string path = Write("kinds.gguf", start);
        SetLength(path, start.Length + (sizeof(int) * (long)Count));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains($"{Count} elements", Assert.Throws<ModelFileException>(() => ModelFile.Read(path)).Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Count);
    }

    [Fact]
    public void More_text_than_is_plausible_is_refused()
    {
        // Each text by itself is not too long.
        byte[] text = [8, 0, 0, 0, .. BitConverter.GetBytes(1UL << 24), .. new byte[1 << 24]];
        string path = Write("text.gguf", GgufParts.Write([.. Enumerable.Range(0, 3).Select(i => ($"text.{i}", text))], []));
        Assert.Contains("more text", Assert.Throws<ModelFileException>(() => ModelFile.Read(path)).Message);
    }

    [Fact]
    public void A_changed_file_is_still_a_model_where_the_change_is_sound()
    {
        byte[] bytes = GgufEdit.With(File.ReadAllBytes(NanoModels.Instruct), ("general.name", "Mine"), ("qwen3.rope.dimension_count", 32u), ("tokenizer.chat_template", null));
        using LlamaModel model = LlamaModel.Load(Write("mine.gguf", bytes));
        Assert.Equal(("Mine", null), (model.Name, model.ChatTemplate));
    }

    [Fact]
    public void What_llama_cpp_refuses_comes_with_what_llama_cpp_said()
    {
        byte[] bytes = File.ReadAllBytes(NanoModels.Instruct);
        bytes.AsSpan().IndexOf("output_norm.weight"u8);
        "output_nerm"u8.CopyTo(bytes.AsSpan(bytes.AsSpan().IndexOf("output_norm.weight"u8)));
        var exception = Assert.Throws<ModelFileException>(() => LlamaModel.Load(Write("renamed.gguf", bytes)));
        Assert.Contains("llama.cpp said", exception.Message);
        Assert.Contains("output_norm", exception.Message);
    }

    [Fact]
    public void After_a_refused_file_a_good_one_loads()
    {
        Assert.Throws<ModelFileException>(() => LlamaModel.Load(Write("bad.gguf", "GGUF\u0003\0\0\0"u8.ToArray())));
        using LlamaModel model = LlamaModel.Load(NanoModels.Instruct);
        Assert.Equal(151_936, model.Tokenizer.VocabularySize);
    }

    private string Write(string name, byte[] content)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    private static void SetLength(string path, long length)
    {
        using FileStream file = File.OpenWrite(path);
        file.SetLength(length);
    }

    private sealed class Steps(Action<float>? onStep = null) : IProgress<float>
    {
        public List<float> Values { get; } = [];

        public void Report(float value)
        {
            Values.Add(value);
            onStep?.Invoke(value);
        }
    }
}
