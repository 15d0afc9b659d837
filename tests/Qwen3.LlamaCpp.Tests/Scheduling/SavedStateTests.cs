namespace Qwen3.LlamaCpp.Tests.Scheduling;

public sealed class SavedStateTests(ModelFixture fixture) : IClassFixture<ModelFixture>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("qwen3-tests-").FullName;
    private readonly int[] _document = [.. Enumerable.Range(0, 600).Select(i => 1000 + (i * 7 % 900))];

    private string File => Path.Combine(_folder, "document.kv");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(KeyValueCacheType.F16)]
    [InlineData(KeyValueCacheType.Q8_0)]
    public async Task A_restart_does_not_compute_a_document_again(KeyValueCacheType type)
    {
        List<int> expected;
        await using (var engine = new InferenceEngine(fixture.Model, new() { KeyValueCacheType = type }))
        {
            await RunAsync(engine, _document, tokens: 1);
            expected = (await RunAsync(engine, [.. _document, 7, 8], tokens: 10)).Tokens;
            Assert.Equal(600, await engine.SaveStateAsync(File, _document));
        }

        await using var restarted = new InferenceEngine(fixture.Model, new() { KeyValueCacheType = type });
        Assert.Equal(600, await restarted.LoadStateAsync(File));
        (List<int> tokens, GenerationResult result) = await RunAsync(restarted, [.. _document, 7, 8], tokens: 10);
        Assert.Equal(expected, tokens);
        Assert.Equal(600, result.CachedTokens);
        Assert.Equal(["document.kv"], Directory.EnumerateFiles(_folder).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_conversation_that_shares_its_start_with_running_requests_is_saved_in_a_form_that_loads()
    {
        await using var engine = new InferenceEngine(fixture.Model, new() { ContextSize = 4096, MaxParallelRequests = 3 });
        await RunAsync(engine, _document, tokens: 1);
        // Ids beyond those of the parallel requests are in use, and the cells of the document belong to several sequences.
        for (int i = 0; i < 5; i++)
        {
            await RunAsync(engine, [.. _document, 10 + i], tokens: 2);
        }

        List<int> expected = (await RunAsync(engine, [.. _document, 7, 8], tokens: 10)).Tokens;
        Task[] running = [.. Enumerable.Range(0, 3).Select(i => RunAsync(engine, [.. _document, 20 + i], tokens: 200))];
        Assert.Equal(600, await engine.SaveStateAsync(File, _document));
        Assert.Equal(602, await engine.SaveStateAsync(File, [.. _document, 7, 8]));
        await Task.WhenAll(running);

        await using var restarted = new InferenceEngine(fixture.Model, new() { ContextSize = 1024 });
        Assert.Equal(602, await restarted.LoadStateAsync(File));
        (List<int> tokens, GenerationResult result) = await RunAsync(restarted, [.. _document, 7, 8], tokens: 10);
        Assert.Equal(expected, tokens);
        Assert.Equal(601, result.CachedTokens);
    }

    [Fact]
    public async Task What_is_not_in_the_cache_is_not_saved()
    {
        await using var engine = new InferenceEngine(fixture.Model);
        Assert.Equal(0, await engine.SaveStateAsync(File, _document));
        Assert.False(System.IO.File.Exists(File));
        await RunAsync(engine, _document[..100], tokens: 1);
        Assert.Equal(100, await engine.SaveStateAsync(File, _document));
        await Assert.ThrowsAsync<FileNotFoundException>(() => engine.LoadStateAsync(Path.Combine(_folder, "none.kv")));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => engine.SaveStateAsync(Path.Combine(_folder, "late.kv"), _document, new(canceled: true)));
        Assert.Equal(["document.kv"], Directory.EnumerateFiles(_folder).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_damaged_or_foreign_file_is_refused_and_the_engine_goes_on()
    {
        await using var engine = new InferenceEngine(fixture.Model);
        await RunAsync(engine, _document, tokens: 1);
        await engine.SaveStateAsync(File, _document);
        byte[] bytes = System.IO.File.ReadAllBytes(File);
        foreach (int length in (int[])[0, 10, 100, bytes.Length / 2, bytes.Length - 1])
        {
            System.IO.File.WriteAllBytes(File, bytes[..length]);
            Assert.Contains(File, (await Assert.ThrowsAsync<StateFileException>(() => engine.LoadStateAsync(File))).Message);
        }

        byte[] flipped = [.. bytes];
        flipped[bytes.Length / 3] ^= 1;
        System.IO.File.WriteAllBytes(File, flipped);
        Assert.Contains("damaged", (await Assert.ThrowsAsync<StateFileException>(() => engine.LoadStateAsync(File))).Message);

        System.IO.File.WriteAllBytes(File, bytes);
        await using var otherType = new InferenceEngine(fixture.Model, new() { KeyValueCacheType = KeyValueCacheType.Q8_0 });
        Assert.Contains("another", (await Assert.ThrowsAsync<StateFileException>(() => otherType.LoadStateAsync(File))).Message);
        using LlamaModel thinking = LlamaModel.Load(NanoModels.Thinking);
        await using var otherModel = new InferenceEngine(thinking);
        Assert.Contains("another model", (await Assert.ThrowsAsync<StateFileException>(() => otherModel.LoadStateAsync(File))).Message);

        await using var small = new InferenceEngine(fixture.Model, new() { ContextSize = 512 });
        Assert.Contains("512", (await Assert.ThrowsAsync<StateFileException>(() => small.LoadStateAsync(File))).Message);
        Assert.Equal(4, (await RunAsync(small, [1, 2, 3], tokens: 4)).Tokens.Count);
        Assert.Equal(600, await engine.LoadStateAsync(File));
    }

    [Fact]
    public async Task Loading_makes_room_and_leaves_running_requests_alone()
    {
        await using var engine = new InferenceEngine(fixture.Model, new() { ContextSize = 1024 });
        await RunAsync(engine, _document, tokens: 1);
        await engine.SaveStateAsync(File, _document);
        List<int> expected = (await RunAsync(engine, [5, 6], tokens: 300)).Tokens;
        await RunAsync(engine, [.. Enumerable.Range(2000, 700)], tokens: 1);

        Task<(List<int> Tokens, GenerationResult Result)> running = RunAsync(engine, [5, 6], tokens: 300);
        Assert.Equal(600, await engine.LoadStateAsync(File));
        Assert.Equal(expected, (await running).Tokens);
        Assert.Equal(599, (await RunAsync(engine, _document, tokens: 1)).Result.CachedTokens);

        await engine.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => engine.LoadStateAsync(File));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => engine.SaveStateAsync(File, _document));
    }

    private static async Task<(List<int> Tokens, GenerationResult Result)> RunAsync(InferenceEngine engine, int[] prompt, int tokens)
    {
        Generation generation = engine.Generate(new() { Prompt = prompt, Sampling = new() { Temperature = 0 }, MaxTokens = tokens });
        var answer = new List<int>();
        await foreach (int token in generation)
        {
            answer.Add(token);
        }

        return (answer, generation.Result);
    }
}
