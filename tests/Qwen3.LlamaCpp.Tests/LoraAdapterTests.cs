namespace Qwen3.LlamaCpp.Tests;

public sealed class LoraAdapterTests(ModelFixture fixture) : IClassFixture<ModelFixture>, IDisposable
{
    private readonly LlamaModel _model = fixture.Model;
    private readonly string _folder = Directory.CreateTempSubdirectory("qwen3-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task An_adapter_changes_the_answers_and_its_scale_says_how_much()
    {
        string path = Write(LoraWriter.ForNano());
        List<int> without = await AnswerAsync();

        Assert.NotEqual(without, await AnswerAsync(new LoraAdapter(path)));
        Assert.Equal(without, await AnswerAsync(new LoraAdapter(path) { Scale = 0 }));
        Assert.Equal(without, await AnswerAsync(new LoraAdapter(path) { Scale = 1e-8f }));
        Assert.Equal(await AnswerAsync(new LoraAdapter(path)), await AnswerAsync(new LoraAdapter(path)));
    }

    [Fact]
    public async Task Every_matrix_of_a_block_can_be_adapted()
    {
        LoraWriter adapter = new();
        foreach ((string weight, int input, int output) in (IEnumerable<(string, int, int)>)
            [("attn_q", 128, 128), ("attn_k", 128, 64), ("attn_v", 128, 64), ("attn_output", 128, 128), ("ffn_gate", 128, 384), ("ffn_up", 128, 384), ("ffn_down", 384, 128)])
        {
            adapter.Adapt($"blk.4.{weight}.weight", input, output, rank: 3);
        }

        // Adapters bring it along; llama.cpp passes over it.
        adapter.Tensors.Add(("blk.4.attn_norm.weight", [128]));
        Assert.NotEqual(await AnswerAsync(), await AnswerAsync(new LoraAdapter(Write(adapter))));
    }

    [Fact]
    public async Task Several_adapters_add_up()
    {
        LoraAdapter one = new(Write(LoraWriter.ForNano(), "one.gguf", seed: 1)), other = new(Write(LoraWriter.ForNano(), "other.gguf", seed: 2));
        List<int>[] answers = [await AnswerAsync(), await AnswerAsync(one), await AnswerAsync(other), await AnswerAsync(one, other)];
        Assert.Equal(4, answers.Select(answer => string.Join(' ', answer)).Distinct().Count());

        // An adapter and its opposite are none.
        Assert.Equal(answers[0], await AnswerAsync(one, one with { Scale = -1 }));
    }

    [Fact]
    public async Task Engines_with_and_without_an_adapter_share_a_model()
    {
        LoraAdapter adapter = new(Write(LoraWriter.ForNano()));
        List<int> without = await AnswerAsync(), with = await AnswerAsync(adapter);
        var model = LlamaModel.Load(NanoModels.Instruct);
        await using var plain = new InferenceEngine(model, new() { Threads = 1 });
        var adapted = new InferenceEngine(model, new() { LoraAdapters = [adapter] });
        model.Dispose();
        List<int>[] answers = await Task.WhenAll(AnswerAsync(plain), AnswerAsync(adapted), AnswerAsync(plain), AnswerAsync(adapted));
        Assert.Equal([without, with, without, with], answers);

        await adapted.DisposeAsync();
        Assert.Equal(without, await AnswerAsync(plain));
    }

    [Fact]
    public async Task Engines_with_adapters_come_and_go_while_others_answer()
    {
        LoraAdapter adapter = new(Write(LoraWriter.ForNano()));
        List<int> without = await AnswerAsync(), with = await AnswerAsync(adapter);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(async () =>
        {
            for (int i = 0; i < 10; i++)
            {
                Assert.Equal(worker % 2 == 0 ? with : without, await AnswerAsync(worker % 2 == 0 ? [adapter] : []));
            }
        })));
    }

    [Fact]
    public async Task A_saved_state_belongs_to_the_adapters_it_was_computed_with()
    {
        LoraAdapter one = new(Write(LoraWriter.ForNano(), "one.gguf", seed: 1)), other = new(Write(LoraWriter.ForNano(), "other.gguf", seed: 2));
        string state = Path.Combine(_folder, "state.kv");
        await using (InferenceEngine engine = Engine(one))
        {
            await AnswerAsync(engine);
            Assert.Equal(Prompt.Length, await engine.SaveStateAsync(state, Prompt));
        }

        foreach (LoraAdapter[] adapters in (LoraAdapter[][])[[], [other], [one with { Scale = 0.5f }], [one, other]])
        {
            await using InferenceEngine engine = Engine(adapters);
            Assert.Contains("LoraAdapters", (await Assert.ThrowsAsync<StateFileException>(() => engine.LoadStateAsync(state))).Message);
        }

        File.Copy(one.Path, Path.Combine(_folder, "moved.gguf"));
        await using InferenceEngine same = Engine(new LoraAdapter(Path.Combine(_folder, "moved.gguf")));
        Assert.Equal(Prompt.Length, await same.LoadStateAsync(state));
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        string path = Path.Combine(_folder, "none.gguf");
        Assert.Contains(path, Assert.Throws<FileNotFoundException>(() => Engine(new LoraAdapter(path))).Message);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_scale_that_is_no_number_is_refused(float scale)
    {
        LoraAdapter adapter = new(Write(LoraWriter.ForNano())) { Scale = scale };
        Assert.Contains("finite", Assert.Throws<ArgumentOutOfRangeException>(() => Engine(adapter)).Message);
    }

    [Fact]
    public void A_model_is_no_adapter() =>
        Assert.Contains("not a model", Assert.Throws<ModelFileException>(() => Engine(new LoraAdapter(NanoModels.Instruct))).Message);

    /// <summary>llama.cpp ends the process over some of these.</summary>
    [Theory]
    [InlineData("general.type", "model")]
    [InlineData("general.type", 1u)]
    [InlineData("adapter.type", "other")]
    [InlineData("general.architecture", "llama")]
    [InlineData("adapter.lora.alpha", 8u)]
    [InlineData("adapter.lora.alpha", "8")]
    [InlineData("adapter.lora.alpha", float.NaN)]
    [InlineData("adapter.alora.invocation_tokens", new uint[] { 1, 2 })]
    public void A_value_that_no_adapter_for_the_model_has_is_refused_by_name(string key, object value)
    {
        LoraWriter adapter = LoraWriter.ForNano();
        adapter.Metadata[key] = value;
        AssertRefused(adapter, key == "adapter.alora.invocation_tokens" ? "activated LoRA" : key);
    }

    /// <summary>llama.cpp ends the process over some of these, at once or at the first token.</summary>
    [Theory]
    [InlineData("blk.0.attn_q.weight.lora_a", new long[] { 128, 4 }, "one is missing")]
    [InlineData("blk.0.attn_q.weight", new long[] { 128, 4 }, "no part of a LoRA adapter")]
    [InlineData("blk.1.attn_q.weight.lora_a", new long[] { 128, 4 }, "twice")]
    public void A_tensor_too_many_is_refused_by_name(string name, long[] lengths, string message)
    {
        LoraWriter adapter = LoraWriter.ForNano();
        adapter.Tensors.Add((name, lengths));
        AssertRefused(adapter, message);
    }

    [Theory]
    [InlineData("blk.5.attn_q.weight", new long[] { 128, 4 }, new long[] { 4, 128 }, "5 layers")]
    [InlineData("blk.0.attn_norm.weight", new long[] { 128, 4 }, new long[] { 4, 1 }, "blk.0.attn_norm.weight")]
    [InlineData("token_embd.weight", new long[] { 4, 151936 }, new long[] { 4, 128 }, "token_embd.weight")]
    [InlineData("token_embd.weight", new long[] { 128, 4 }, new long[] { 4, 151936 }, "token_embd.weight")]
    [InlineData("blk.0.attn_q.weight", new long[] { 256, 4 }, new long[] { 4, 128 }, "[256, 4]")]
    [InlineData("blk.0.attn_k.weight", new long[] { 128, 4 }, new long[] { 4, 128 }, "[rank, 64]")]
    [InlineData("blk.0.attn_q.weight", new long[] { 128, 4 }, new long[] { 5, 128 }, "[5, 128]")]
    [InlineData("blk.0.attn_q.weight", new long[] { 128, 0 }, new long[] { 0, 128 }, "[128, 0]")]
    [InlineData("blk.0.attn_q.weight", new long[] { 128, 4, 2 }, new long[] { 4, 128 }, "[128, 4, 2]")]
    [InlineData("blk.0.attn_q.weight", new long[] { 128 }, new long[] { 1, 128 }, "[128]")]
    public void An_adapter_of_another_shape_is_refused_by_name(string weight, long[] a, long[] b, string message)
    {
        var adapter = new LoraWriter();
        adapter.Tensors.Add(($"{weight}.lora_a", a));
        adapter.Tensors.Add(($"{weight}.lora_b", b));
        AssertRefused(adapter, message);
    }

    [Fact]
    public void An_adapter_without_weights_or_of_integers_is_refused()
    {
        AssertRefused(new(), "nothing");
        LoraWriter integers = LoraWriter.ForNano();
        integers.TensorType = 26;
        AssertRefused(integers, "type 26");
    }

    [Fact]
    public void What_the_model_lacks_comes_with_what_llama_cpp_said()
    {
        // The nano models predict with the weights of their token embedding.
        var exception = Assert.Throws<ModelFileException>(() => Engine(new LoraAdapter(Write(new LoraWriter().Adapt("output.weight", 128, 151_936, 4)))));
        Assert.Contains("llama.cpp said", exception.Message);
        Assert.Contains("output.weight", exception.Message);
    }

    [Fact]
    public void A_truncated_file_is_refused_wherever_it_ends()
    {
        byte[] bytes = LoraWriter.ForNano().ToBytes();
        string path = Path.Combine(_folder, "truncated.gguf");
        for (int length = 0; length < bytes.Length; length += 1 + (length / 20))
        {
            File.WriteAllBytes(path, bytes[..length]);
            Assert.Equal(path, Assert.Throws<ModelFileException>(() => Engine(new LoraAdapter(path))).Path);
        }
    }

    [Fact]
    public async Task After_a_refused_adapter_a_good_one_works()
    {
        LoraAdapter good = new(Write(LoraWriter.ForNano())), bad = new(Write(new LoraWriter().Adapt("output.weight", 128, 151_936, 4), "bad.gguf"));
        Assert.Throws<ModelFileException>(() => Engine(good, bad));
        Assert.NotEqual(await AnswerAsync(), await AnswerAsync(good));
    }

    [Fact]
    public void The_memory_plan_counts_adapters()
    {
        var adapter = new LoraAdapter(Write(LoraWriter.ForNano(rank: 8)));
        var plan = MemoryPlan.ForFile(NanoModels.Instruct, new() { ContextSize = 1024, LoraAdapters = [adapter] });
        Assert.Equal(8 * (128 + 128 + 384 + 128) * sizeof(float), plan.AdapterBytes);
        Assert.Equal(MemoryPlan.ForFile(NanoModels.Instruct, new() { ContextSize = 1024 }).ContextBytes + plan.AdapterBytes, plan.ContextBytes);
    }

    private int[] Prompt => _model.Tokenizer.Encode("<|im_start|>user\nHello!<|im_end|>\n<|im_start|>assistant\n", SpecialTokens.All);

    private void AssertRefused(LoraWriter adapter, string message)
    {
        string path = Write(adapter);
        var exception = Assert.Throws<ModelFileException>(() => Engine(new LoraAdapter(path)));
        Assert.Equal(path, exception.Path);
        Assert.Contains(message, exception.Message);
        Assert.DoesNotContain("llama.cpp said", exception.Message);
    }

    private InferenceEngine Engine(params LoraAdapter[] adapters) => new(_model, new() { LoraAdapters = adapters, ContextSize = 512, Threads = 1 });

    private async Task<List<int>> AnswerAsync(params LoraAdapter[] adapters)
    {
        await using InferenceEngine engine = Engine(adapters);
        return await AnswerAsync(engine);
    }

    private async Task<List<int>> AnswerAsync(InferenceEngine engine)
    {
        var tokens = new List<int>();
        await foreach (int token in engine.Generate(new() { Prompt = Prompt, Sampling = new() { Temperature = 0 }, MaxTokens = 12 }))
        {
            tokens.Add(token);
        }

        return tokens;
    }

    private string Write(LoraWriter adapter, string name = "adapter.gguf", int seed = 1)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, adapter.ToBytes(seed));
        return path;
    }
}
