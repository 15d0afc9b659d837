using System.Diagnostics;
using System.Runtime.Versioning;
using Qwen3.Chat.Models;
using Qwen3.Tests;

namespace Qwen3.Chat.Tests.Models;

/// <summary>Files that others left in the cache are neither written to nor trusted.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class CacheSafetyTests : HubTest
{
    private readonly byte[] _content = SmallModel(300_000);

    private string Checksum => Hub.Add(Repository, File4, _content);

    private string Blobs => Path.Combine(RepositoryFolder, "blobs");

    private string SnapshotFile => Path.Combine(RepositoryFolder, "snapshots", LoopbackHub.Commit, File4);

    [Theory]
    [InlineData("")]
    [InlineData("blobs")]
    [InlineData("refs")]
    [InlineData("snapshots")]
    [InlineData("snapshots/" + LoopbackHub.Commit)]
    public async Task Nothing_is_written_into_a_folder_behind_a_link(string folder)
    {
        _ = Checksum;
        string elsewhere = Directory.CreateDirectory(Path.Combine(Folder, "elsewhere")).FullName;
        string link = Path.Combine(RepositoryFolder, folder).TrimEnd('/');
        Directory.CreateDirectory(Path.GetDirectoryName(link)!);
        Directory.CreateSymbolicLink(link, elsewhere);
        using var fetcher = new ModelFetcher(Options);
        if (folder == "refs")
        {
            // The model is complete without the commit.
            Assert.Equal(
                _content, await File.ReadAllBytesAsync((await fetcher.FetchAsync(Qwen3Models.Instruct2507)).Path));
        }
        else
        {
            string message =
                (await Assert.ThrowsAsync<ModelFetchException>(() => fetcher.FetchAsync(Qwen3Models.Instruct2507)))
                    .Message;
            Assert.Contains(link, message);
            Assert.Contains("is a link", message);
        }

        Assert.Empty(Directory.GetFileSystemEntries(elsewhere));
    }

    [Fact]
    public async Task The_lock_is_not_created_behind_a_link()
    {
        string elsewhere = Path.Combine(Folder, "elsewhere");
        string locks =
            Directory.CreateDirectory(Path.Combine(CacheFolder, ".locks", Path.GetFileName(RepositoryFolder))).FullName;
        File.CreateSymbolicLink(Path.Combine(locks, $"{Checksum}.lock"), elsewhere);
        using var fetcher = new ModelFetcher(Options);
        await Assert.ThrowsAsync<ModelFetchException>(() => fetcher.FetchAsync(Qwen3Models.Instruct2507));
        Assert.False(File.Exists(elsewhere));
    }

    [Theory]
    [InlineData("symbolic link", 0)]
    [InlineData("symbolic link", 10)]
    [InlineData("symbolic link to a file of the same size", 300_000)]
    [InlineData("dangling link", 0)]
    [InlineData("link to itself", 0)]
    [InlineData("hard link", 10)]
    [InlineData("hard link to a file of the same size", 300_000)]
    [InlineData("pipe", 0)]
    public async Task A_file_that_the_partial_file_leads_to_is_not_changed(string kind, int length)
    {
        string elsewhere = Path.Combine(Folder, "elsewhere"), partial = Path.Combine(
            Blobs, $"{Checksum}.qwen3-partial");
        byte[] foreign = new byte[length];
        new Random(7).NextBytes(foreign);
        Directory.CreateDirectory(Blobs);
        if (kind != "dangling link")
        {
            await File.WriteAllBytesAsync(elsewhere, foreign);
        }

        switch (kind.Split(' ')[0])
        {
            case "hard":
                await RunAsync("ln", elsewhere, partial);
                break;
            case "pipe":
                await RunAsync("mkfifo", partial);
                break;
            default:
                File.CreateSymbolicLink(partial, kind == "link to itself" ? partial : elsewhere);
                break;
        }

        using var fetcher = new ModelFetcher(Options);
        FoundModel model = await fetcher.FetchAsync(Qwen3Models.Instruct2507);

        Assert.Equal(_content, await File.ReadAllBytesAsync(model.Path));
        Assert.Equal(kind == "dangling link" ? null : foreign,
            File.Exists(elsewhere) ? await File.ReadAllBytesAsync(elsewhere) : null);
    }

    [Theory]
    [InlineData("blob")]
    [InlineData("link of the blob")]
    [InlineData("file in the snapshot")]
    public async Task A_file_of_the_right_size_and_wrong_content_is_fetched_again(string place)
    {
        string blob = Path.Combine(Blobs, Checksum), elsewhere = Path.Combine(Folder, "elsewhere");
        byte[] wrong = [.. _content];
        wrong[200_000] ^= 1;
        Directory.CreateDirectory(Blobs);
        Directory.CreateDirectory(Path.GetDirectoryName(SnapshotFile)!);
        await File.WriteAllBytesAsync(
            place == "blob" ? blob : place == "file in the snapshot" ? SnapshotFile : elsewhere, wrong);
        if (place == "link of the blob")
        {
            File.CreateSymbolicLink(blob, elsewhere);
        }

        using var fetcher = new ModelFetcher(Options);
        FoundModel model = await fetcher.FetchAsync(Qwen3Models.Instruct2507);

        Assert.Equal(SnapshotFile, model.Path);
        Assert.Equal(_content, await File.ReadAllBytesAsync(model.Path));
        Assert.Equal(place == "link of the blob" ? wrong : null,
            File.Exists(elsewhere) ? await File.ReadAllBytesAsync(elsewhere) : null);
    }

    [Fact]
    public async Task A_verified_file_is_verified_again_only_when_it_changed()
    {
        string blob = Path.Combine(Blobs, Checksum);
        Directory.CreateDirectory(Blobs);
        await File.WriteAllBytesAsync(blob, _content);
        Assert.Equal(1, await CountVerificationsAsync());
        Assert.Equal(0, await CountVerificationsAsync());
        File.SetLastWriteTimeUtc(blob, DateTime.UtcNow.AddDays(-3));
        Assert.Equal(1, await CountVerificationsAsync());
        Assert.Equal(0, await CountVerificationsAsync());
        Assert.Equal(0, Hub.BytesSent);

        byte[] wrong = [.. _content];
        wrong[^1] ^= 1;
        await File.WriteAllBytesAsync(blob, wrong);
        await CountVerificationsAsync();
        Assert.Equal(_content, await File.ReadAllBytesAsync(SnapshotFile));
    }

    [Fact]
    public async Task A_link_to_another_blob_of_the_same_size_is_not_called_verified()
    {
        byte[] other = [.. _content];
        other[^1] ^= 1;
        string wrong = Hub.Add(Repository, "other-Q8_0.gguf", other), right = Checksum;
        using var fetcher = new ModelFetcher(Options);
        await fetcher.FetchAsync(Qwen3Models.Instruct2507);
        await fetcher.FetchAsync(Qwen3Models.Parse($"hf:{Repository}/other-Q8_0.gguf"));
        File.Delete(SnapshotFile);
        File.CreateSymbolicLink(SnapshotFile, $"../../blobs/{wrong}");
        FoundModel model = await fetcher.FetchAsync(Qwen3Models.Instruct2507);
        Assert.Equal($"../../blobs/{right}", new FileInfo(model.Path).LinkTarget);
    }

    [Theory]
    [InlineData("blobs/{0}")]
    [InlineData("blobs/{0}.qwen3-partial")]
    [InlineData("snapshots/" + LoopbackHub.Commit + "/" + File4)]
    public async Task A_folder_in_the_place_of_a_file_is_named(string place)
    {
        string folder = Path.Combine(RepositoryFolder, string.Format(null, place, Checksum));
        Directory.CreateDirectory(folder);
        using var fetcher = new ModelFetcher(Options);
        var exception = await Assert.ThrowsAsync<ModelFetchException>(
            () => fetcher.FetchAsync(Qwen3Models.Instruct2507));
        Assert.Contains(folder, exception.Message);
        Assert.Equal(0, Hub.BytesSent);
    }

    [Fact]
    public async Task A_name_that_no_file_system_takes_is_refused_before_the_download()
    {
        string name = new string('a', 300) + "-Q4_K_M.gguf";
        Hub.Add(Repository, name, _content);
        using var fetcher = new ModelFetcher(Options);
        Assert.Contains(name,
            (await Assert.ThrowsAsync<ModelFetchException>(() => fetcher.FetchAsync(Qwen3Models.Instruct2507))).Message);
        Assert.Contains(
            name,
            (await Assert.ThrowsAsync<ModelFetchException>(() => fetcher.FetchAsync(Qwen3Models.Parse($"hf:{Repository}/{name}")))).Message);
        Assert.Equal(0, Hub.BytesSent);
    }

    [Fact]
    public async Task The_longest_name_of_a_file_system_is_stored()
    {
        string name = new string('a', 243) + "-Q4_K_M.gguf";
        Hub.Add(Repository, name, _content);
        using var fetcher = new ModelFetcher(Options);
        Assert.Equal(name, Path.GetFileName((await fetcher.FetchAsync(Qwen3Models.Instruct2507)).Path));
    }

    [Fact]
    public async Task A_file_in_the_place_of_the_cache_folder_is_named()
    {
        _ = Checksum;
        await File.WriteAllTextAsync(CacheFolder, "");
        using var fetcher = new ModelFetcher(Options);
        var exception = await Assert.ThrowsAsync<ModelFetchException>(
            () => fetcher.FetchAsync(Qwen3Models.Instruct2507));
        Assert.Contains(CacheFolder, exception.Message);
        Assert.Contains("HF_HUB_CACHE", exception.Message);
    }

    [Fact]
    public async Task The_folder_of_the_cache_itself_can_be_a_link()
    {
        _ = Checksum;
        Directory.CreateSymbolicLink(
            CacheFolder, Directory.CreateDirectory(Path.Combine(Folder, "other disk")).FullName);
        using var fetcher = new ModelFetcher(Options);
        Assert.Equal(_content, await File.ReadAllBytesAsync((await fetcher.FetchAsync(Qwen3Models.Instruct2507)).Path));
    }

    [Fact]
    public async Task Pipes_in_the_place_of_small_files_do_not_block()
    {
        _ = Checksum;
        Directory.CreateDirectory(Path.Combine(RepositoryFolder, "refs"));
        Directory.CreateDirectory(Path.Combine(RepositoryFolder, "snapshots", LoopbackHub.Commit));
        string token = Path.Combine(Folder, "token");
        await RunAsync("mkfifo", Path.Combine(RepositoryFolder, "refs", "main"), SnapshotFile, token);
        Variables["HF_TOKEN_PATH"] = token;
        using var fetcher = new ModelFetcher(Options);
        FoundModel model = await fetcher.FindOrFetchAsync(Qwen3Models.Instruct2507).WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(_content, await File.ReadAllBytesAsync(model.Path));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_same_name_on_the_other_hub_is_another_model(bool isModelScopeFirst)
    {
        Hub.Add("some/repo", "m-Q8_0.gguf", _content);
        ModelHubOptions options = Options;
        options.Kind = isModelScopeFirst ? ModelHubKind.ModelScope : ModelHubKind.HuggingFace;
        Qwen3Model fetched = Qwen3Models.Parse(isModelScopeFirst ? "modelscope:some/repo" : "hf:some/repo");
        Qwen3Model other = Qwen3Models.Parse(isModelScopeFirst ? "hf:some/repo" : "modelscope:some/repo");
        using var fetcher = new ModelFetcher(options);
        FoundModel model = await fetcher.FetchAsync(fetched);
        Assert.Equal(model.Path, new ModelFinder(Options).Find(fetched)?.Path);
        Assert.Null(new ModelFinder(Options).Find(other));
    }

    private async Task<int> CountVerificationsAsync()
    {
        var reports = new List<FetchProgress>();
        ModelHubOptions options = Options;
        options.Progress = new Sink(reports);
        using var fetcher = new ModelFetcher(options);
        await fetcher.FetchAsync(Qwen3Models.Instruct2507);
        return reports.Count(report => report.State == FetchState.Verifying);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    private sealed class Sink(List<FetchProgress> reports) : IProgress<FetchProgress>
    {
        public void Report(FetchProgress value) => reports.Add(value);
    }
}
