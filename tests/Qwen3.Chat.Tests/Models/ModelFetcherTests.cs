using Qwen3.Chat.Models;
using Qwen3.Tests;

namespace Qwen3.Chat.Tests.Models;

public sealed class ModelFetcherTests : HubTest
{
    [Fact]
    public async Task A_model_is_stored_in_the_layout_of_the_Hugging_Face_cache()
    {
        byte[] content = SmallModel(300_000);
        string checksum = Hub.Add(Repository, File4, content);
        using var fetcher = new ModelFetcher(Options);

        FoundModel model = await fetcher.FetchAsync(Qwen3Models.Instruct2507);

        string snapshot = Path.Combine(RepositoryFolder, "snapshots", LoopbackHub.Commit, File4);
        Assert.Equal(
            (snapshot, Qwen3Variant.Instruct, "Q4_K_M", content.Length, Repository),
            (model.Path, model.Variant, model.Quantization, model.SizeInBytes, model.Repository));
        Assert.Equal($"../../blobs/{checksum}", new FileInfo(snapshot).LinkTarget);
        Assert.Equal(content, File.ReadAllBytes(snapshot));
        Assert.Equal(content, File.ReadAllBytes(Path.Combine(RepositoryFolder, "blobs", checksum)));
        Assert.Equal(LoopbackHub.Commit, File.ReadAllText(Path.Combine(RepositoryFolder, "refs", "main")));
        Assert.Equal(
            [checksum, $"{checksum}.qwen3-verified"],
            Directory.GetFiles(Path.Combine(RepositoryFolder, "blobs")).Select(Path.GetFileName).Order());
        Assert.Equal(content.Length, Hub.BytesSent);
    }

    [Fact]
    public async Task A_file_in_the_cache_is_not_fetched_again()
    {
        Hub.Add(Repository, File4, SmallModel(100_000));
        using var fetcher = new ModelFetcher(Options);
        FoundModel first = await fetcher.FindOrFetchAsync(Qwen3Models.Instruct2507);
        int requests = Hub.Requests.Count;

        Assert.Equal(first.Path, (await fetcher.FindOrFetchAsync(Qwen3Models.Instruct2507)).Path);
        Assert.Equal(requests, Hub.Requests.Count);
        Assert.Equal(first.Path, (await fetcher.FetchAsync(Qwen3Models.Instruct2507)).Path);
        Assert.Equal(100_000, Hub.BytesSent);
    }

    [Theory]
    [InlineData("hf")]
    [InlineData("modelscope")]
    public async Task All_parts_of_a_split_model_are_fetched(string hub)
    {
        var parts = GgufParts.Read(SmallModel());
        int half = parts.Tensors.Count / 2;
        for (int i = 0; i < 2; i++)
        {
            List<(string, byte[])> entries =
                [.. i == 0 ? parts.Entries : [], ("split.no", GgufParts.UInt16((ushort)i)), ("split.count", GgufParts.UInt16(2))];
            Hub.Add(
                "some/split",
                $"Q8_0/m-Q8_0-0000{i + 1}-of-00002.gguf",
                GgufParts.Write(entries, [.. parts.Tensors.Skip(i * half).Take(i == 0 ? half : int.MaxValue)]));
        }

        ModelHubOptions options = Options;
        options.Kind = hub == "hf" ? ModelHubKind.HuggingFace : ModelHubKind.ModelScope;
        using var fetcher = new ModelFetcher(options);
        FoundModel model = await fetcher.FetchAsync(Qwen3Models.Parse($"{hub}:some/split:q8_0"));
        Assert.Equal(
            ["m-Q8_0-00001-of-00002.gguf", "m-Q8_0-00002-of-00002.gguf"], model.Files.Select(Path.GetFileName));
        Assert.Equal(model.Path, new ModelFinder(Options).Find(Qwen3Models.Parse($"{hub}:some/split"))?.Path);
    }

    [Theory]
    [InlineData("hf:some/repo", "m-Q4_K_M.gguf")]
    [InlineData("hf:some/repo:Q8_0", "m-Q8_0.gguf")]
    [InlineData("hf:some/repo:ud-q4_k_xl", "m-UD-Q4_K_XL.gguf")]
    [InlineData("hf:some/repo/m-IQ4_NL.gguf", "m-IQ4_NL.gguf")]
    public async Task The_named_quantization_or_file_is_fetched(string name, string file)
    {
        foreach (string other in (string[])["m-IQ4_NL.gguf", "m-Q8_0.gguf", "m-Q4_K_M.gguf", "m-UD-Q4_K_XL.gguf", "mmproj-Q4_K_M.gguf"])
        {
            Hub.Add("some/repo", other, SmallModel(quantization: "other"));
        }

        using var fetcher = new ModelFetcher(Options);
        Assert.Equal(file, Path.GetFileName((await fetcher.FetchAsync(Qwen3Models.Parse(name))).Path));
        Assert.Equal(4, (await fetcher.ListAsync(Qwen3Models.Parse(name))).Count);
    }

    [Fact]
    public async Task ModelScope_serves_the_catalogue_too()
    {
        byte[] content = SmallModel(200_000);
        Hub.Add(Repository, File4, content);
        ModelHubOptions options = Options;
        options.Kind = ModelHubKind.ModelScope;
        options.Token = "ms-token";
        using var fetcher = new ModelFetcher(options);

        FoundModel model = await fetcher.FetchAsync(Qwen3Models.Instruct2507);

        Assert.Equal(content, File.ReadAllBytes(model.Path));
        Assert.Equal(ModelLocation.ModelScopeCache, model.Location);
        Assert.False(Directory.Exists(RepositoryFolder));
        Assert.All(
            Hub.Requests, request => Assert.Equal(request.IsContent ? null : "Bearer ms-token", request.Authorization));
        Assert.All(
            Hub.Requests,
            request => Assert.True(request.IsContent || request.Path.StartsWith("/api/v1/models/", StringComparison.Ordinal), request.Path));
    }

    [Fact]
    public async Task A_ref_of_the_Hugging_Face_Hub_is_not_changed_by_ModelScope()
    {
        Hub.Add(Repository, File4, SmallModel());
        string main = Path.Combine(RepositoryFolder, "refs", "main"), commit = new('a', 40);
        Directory.CreateDirectory(Path.GetDirectoryName(main)!);
        File.WriteAllText(main, commit);
        ModelHubOptions options = Options;
        options.Kind = ModelHubKind.ModelScope;
        using var fetcher = new ModelFetcher(options);
        FoundModel model = await fetcher.FetchAsync(Qwen3Models.Instruct2507);
        Assert.Equal(commit, File.ReadAllText(main));
        Assert.Equal(model.Path, new ModelFinder(options).Find(Qwen3Models.Instruct2507)?.Path);
    }

    [Theory]
    [InlineData("HF_ENDPOINT", "https://me:secret@mirror.example")]
    [InlineData("HF_ENDPOINT", "me:secret@mirror.example")]
    [InlineData("HF_TOKEN", "hf_sec secret")]
    [InlineData("HF_TOKEN", "hf_s\u00E9secret")]
    public async Task Variables_that_hold_secrets_are_refused_without_showing_them(string variable, string value)
    {
        Variables[variable] = value;
        ModelHubOptions options = Options;
        options.Endpoint = variable == "HF_ENDPOINT" ? null : options.Endpoint;
        using var fetcher = new ModelFetcher(options);
        var exception = await Assert.ThrowsAsync<ArgumentException>(() => fetcher.FetchAsync(Qwen3Models.Instruct2507));
        Assert.Contains(variable, exception.Message);
        Assert.DoesNotContain("secret", exception.ToString());
    }

    [Fact]
    public async Task Line_breaks_within_a_token_are_removed()
    {
        Variables["HF_TOKEN"] = "hf_some\r\nlong\ntoken\n";
        Hub.Token = "hf_somelongtoken";
        Hub.Add(Repository, File4, SmallModel());
        using var fetcher = new ModelFetcher(Options);
        Assert.True(File.Exists((await fetcher.FetchAsync(Qwen3Models.Instruct2507)).Path));
    }

    [Fact]
    public async Task Progress_grows_to_the_end()
    {
        Hub.Add(Repository, File4, SmallModel(1_000_000));
        var reports = new List<FetchProgress>();
        ModelHubOptions options = Options;
        options.Progress = new Listener(reports);
        using var fetcher = new ModelFetcher(options);
        await fetcher.FetchAsync(Qwen3Models.Instruct2507);
        Assert.Equal(reports.Select(report => report.Bytes).Order(), reports.Select(report => report.Bytes));
        Assert.Equal(new FetchProgress(File4, FetchState.Done, 1_000_000, 1_000_000), reports[^1]);
        Assert.Contains(reports, report => report.State == FetchState.Fetching);
    }

    [Fact]
    public async Task Where_links_cannot_be_created_the_snapshot_has_the_file_itself()
    {
        (HuggingFaceCache cache, string path, string blob) = await BlobAsync(
            (_, _) => throw new UnauthorizedAccessException());
        cache.Link(path, blob, isNew: true);
        Assert.Equal("model", await File.ReadAllTextAsync(path));
        Assert.Null(new FileInfo(path).LinkTarget);
        Assert.False(File.Exists(blob));
    }

    [Fact]
    public async Task A_blob_that_other_snapshots_link_to_is_copied_where_links_cannot_be_created()
    {
        (HuggingFaceCache cache, string path, string blob) = await BlobAsync(
            (_, _) => throw new UnauthorizedAccessException());
        cache.Link(path, blob, isNew: false);
        Assert.Equal(("model", "model"), (await File.ReadAllTextAsync(path), await File.ReadAllTextAsync(blob)));
        Assert.Equal([path], Directory.GetFiles(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public async Task A_link_of_another_tool_is_replaced()
    {
        (HuggingFaceCache cache, string path, string blob) = await BlobAsync(createLink: null);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.CreateSymbolicLink(path, "elsewhere");
        cache.Link(path, blob, isNew: true);
        Assert.Equal("model", await File.ReadAllTextAsync(path));
        Assert.Equal([path], Directory.GetFiles(Path.GetDirectoryName(path)!));
    }

    private async Task<(HuggingFaceCache Cache, string Path, string Blob)> BlobAsync(Action<string, string>? createLink)
    {
        var cache = new HuggingFaceCache(CacheFolder, createLink: createLink);
        string blob = cache.Blob(Repository, new('1', 64));
        Directory.CreateDirectory(Path.GetDirectoryName(blob)!);
        await File.WriteAllTextAsync(blob, "model");
        return (cache, cache.Snapshot(Repository, LoopbackHub.Commit, "a/b.gguf"), blob);
    }

    private sealed class Listener(List<FetchProgress> reports) : IProgress<FetchProgress>
    {
        public void Report(FetchProgress value) => reports.Add(value);
    }
}
