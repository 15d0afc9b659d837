using Qwen3.Chat.Models;
using Qwen3.LlamaCpp;
using Qwen3.Tests;

namespace Qwen3.Chat.Tests.Models;

/// <summary>
/// Every attempt ends with a complete and verified model or with an exception that explains the failure.
/// </summary>
public sealed class FetchFailureTests : HubTest
{
    private const int Length = 400_000;

    private static readonly TimeSpan s_longTimeout = TimeSpan.FromMinutes(50);

    [Theory]
    [InlineData(401, "", null, "give a token")]
    [InlineData(401, "", "hf_wrong", "the token is wrong")]
    [InlineData(403, "GatedRepo", "hf_some", "gated")]
    [InlineData(403, "", null, "HF_TOKEN")]
    public async Task Refused_access_is_explained(int status, string code, string? token, string words)
    {
        Hub.Add(Repository, File4, SmallModel());
        Hub.Fault = _ => new() { Status = status, Headers = { ["X-Error-Code"] = code } };
        var exception = await FailsAsync<ModelAccessException>(options => options.Token = token);
        Assert.Contains(words, exception.Message);
        Assert.Contains(Repository, exception.Message);
        Assert.DoesNotContain("hf_wrong", exception.ToString());
    }

    [Fact]
    public async Task A_missing_repository_is_named()
    {
        var exception = await FailsAsync<ModelNotFoundException>();
        Assert.Contains($"has no {Repository}", exception.Message);
        Assert.Empty(exception.AvailableFiles);
    }

    [Fact]
    public async Task A_missing_quantization_is_reported_with_the_available_files()
    {
        Hub.Add(Repository, "m-Q8_0.gguf", SmallModel());
        Hub.Add(Repository, "m-Q6_K.gguf", SmallModel());
        var exception = await FailsAsync<ModelNotFoundException>();
        Assert.Equal(["m-Q6_K.gguf", "m-Q8_0.gguf"], exception.AvailableFiles);
        Assert.Contains("Q4_K_M", exception.Message);
        Assert.Contains("m-Q8_0.gguf", exception.Message);
    }

    [Fact]
    public async Task A_split_model_with_a_missing_part_is_not_fetched()
    {
        Hub.Add(Repository, "m-Q4_K_M-00001-of-00002.gguf", SmallModel());
        Assert.Contains("1 of the 2 parts", (await FailsAsync<ModelNotFoundException>()).Message);
        Assert.Equal(0, Hub.BytesSent);
    }

    [Fact]
    public async Task A_file_with_a_wrong_checksum_is_deleted()
    {
        byte[] content = SmallModel(Length);
        Hub.Add(Repository, File4, new HubContent(content, content.Length, new('a', 64)));
        var exception = await FailsAsync<ModelChecksumException>();
        Assert.Contains(new string('a', 64), exception.Message);
        Assert.Empty(Directory.GetFiles(Path.Combine(RepositoryFolder, "blobs")));
    }

    [Fact]
    public async Task Damage_from_an_interrupted_attempt_is_repaired()
    {
        byte[] content = SmallModel(Length);
        Hub.Add(Repository, File4, content);
        // The first two parts come, damaged on their way; then the connections end.
        Hub.Fault = request => !request.IsContent
            ? null
            : request.RangeStart < 128 << 10 ? new() { IsDamaged = true } : new() { Status = 404 };
        await FailsAsync<ModelFetchException>(options => options.MaxRetries = 0);
        Hub.Fault = _ => null;
        await AssertSucceedsAsync(content);
    }

    [Fact]
    public async Task A_model_of_another_variant_than_requested_is_refused()
    {
        Hub.Add(Repository, File4, SmallModel(isThinking: true));
        using var fetcher = new ModelFetcher(Options);
        var exception = await Assert.ThrowsAsync<ModelFileException>(
            () => fetcher.FetchAsync(Qwen3Models.Instruct2507));
        Assert.Contains("is Thinking by its chat template, and should be Instruct", exception.Message);
        Assert.Null(new ModelFinder(Options).Find(Qwen3Models.Instruct2507));
    }

    [Fact]
    public async Task A_file_that_is_not_a_model_is_refused()
    {
        Hub.Add(Repository, File4, "No GGUF file"u8.ToArray());
        using var fetcher = new ModelFetcher(Options);
        Assert.Contains("no GGUF file",
            (await Assert.ThrowsAsync<ModelFileException>(() => fetcher.FetchAsync(Qwen3Models.Instruct2507))).Message);
    }

    [Fact]
    public async Task A_file_that_does_not_fit_on_the_disk_is_not_fetched()
    {
        Hub.Add(Repository, File4, new HubContent(new byte[10], 1L << 60, new('a', 64)));
        var exception = await FailsAsync<InsufficientDiskSpaceException>();
        Assert.Equal(1L << 60, exception.RequiredBytes);
        Assert.InRange(exception.AvailableBytes, 1, 1L << 60);
        Assert.Contains("HF_HUB_CACHE", exception.Message);
        Assert.Equal(0, Hub.BytesSent);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("true")]
    public async Task No_request_is_sent_while_offline(string value)
    {
        Hub.Add(Repository, File4, SmallModel());
        Variables["HF_HUB_OFFLINE"] = value;
        Assert.Contains("HF_HUB_OFFLINE", (await FailsAsync<ModelOfflineException>()).Message);
        Assert.Empty(Hub.Requests);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    [InlineData(500)]
    public async Task A_busy_hub_is_asked_again_after_its_Retry_After(int status)
    {
        byte[] content = SmallModel(Length);
        Hub.Add(Repository, File4, content);
        int faults = 0;
        Hub.Fault = request => Interlocked.Increment(ref faults) % 3 != 0
            ? new() { Status = status, Headers = { ["Retry-After"] = "17" } }
            : null;
        var time = new HurriedTime();
        await AssertSucceedsAsync(content,
            options => (options.TimeProvider, options.Timeout, options.Connections) = (time, s_longTimeout, 1));
        Assert.Contains(TimeSpan.FromSeconds(17), time.Waits);
    }

    [Theory]
    [InlineData(429, "429")]
    [InlineData(503, "503")]
    public async Task A_hub_that_stays_busy_is_an_error_after_all_attempts(int status, string words)
    {
        Hub.Fault = _ => new() { Status = status };
        Assert.Contains(words, (await FailsAsync<ModelFetchException>()).Message);
        Assert.Equal(6, Hub.Requests.Count);
    }

    [Theory]
    [InlineData(429, "86400", "86400 s")]
    [InlineData(503, "9999999", "9999999 s")]
    [InlineData(429, "Wed, 01 Jan 2200 00:00:00 GMT", "2200-01-01")]
    public async Task A_long_Retry_After_is_reported_instead_of_waited_for(int status, string wait, string words)
    {
        Hub.Fault = _ => new() { Status = status, Headers = { ["Retry-After"] = wait } };
        Assert.Contains(words, (await FailsAsync<ModelFetchException>()).Message);
        Assert.Single(Hub.Requests);
    }

    [Fact]
    public async Task An_unreachable_hub_is_named_with_the_file_and_what_to_do()
    {
        Uri nowhere;
        await using (LoopbackHub gone = await LoopbackHub.StartAsync())
        {
            nowhere = gone.Endpoint;
        }

        var exception = await FailsAsync<ModelFetchException>(options => options.Endpoint = nowhere);
        Assert.Contains($"{nowhere} could not be reached in 6 attempts", exception.Message);
        Assert.Contains(File4, exception.Message);
        Assert.Contains("HF_ENDPOINT", exception.Message);
        Assert.Contains(Path.Combine(Folder, "own"), exception.Message);
        Assert.DoesNotContain('\n', exception.Message);
        Assert.NotNull(exception.InnerException);
        Assert.True(exception.IsTransient);
    }

    [Fact]
    public async Task A_file_that_is_shorter_than_its_stated_size_is_refused()
    {
        byte[] content = SmallModel(Length);
        string checksum = Hub.Add(Repository, File4, content);
        Hub.Fault = request => !request.Path.Contains("/revision/", StringComparison.Ordinal) ? null : new()
        {
            Body = Listing(File4, checksum, 900_000),
        };
        var exception = await FailsAsync<ModelFetchException>();
        Assert.Contains("900000", exception.Message);
    }

    [Fact]
    public async Task A_range_past_the_end_is_an_error()
    {
        Hub.Add(Repository, File4, SmallModel(Length));
        Hub.Fault = request => request.IsContent ? new() { Status = 416 } : null;
        Assert.Contains("not as long as", (await FailsAsync<ModelFetchException>()).Message);
    }

    [Theory]
    [InlineData("<html>Welcome to the hotel's network</html>")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"sha":"../../etc","siblings":[]}""")]
    [InlineData("""{"sha":"0123456789abcdef0123456789abcdef01234567","siblings":[{"rfilename":"m-Q4_K_M.gguf","size":-5}]}""")]
    [InlineData("""{"sha":"0123456789abcdef0123456789abcdef01234567","siblings":[{"rfilename":"m-Q4_K_M.gguf","lfs":{"sha256":"../x","size":5}}]}""")]
    public async Task An_invalid_answer_of_a_hub_is_refused(string body)
    {
        Hub.Fault = _ => new() { Body = body };
        Assert.Contains("cannot be understood", (await FailsAsync<ModelFetchException>()).Message);
    }

    [Theory]
    [InlineData("../../../m-Q4_K_M.gguf")]
    [InlineData("/m-Q4_K_M.gguf")]
    [InlineData("a/../../m-Q4_K_M.gguf")]
    [InlineData("C:\\\\m-Q4_K_M.gguf")]
    [InlineData("a\\\\..\\\\m-Q4_K_M.gguf")]
    [InlineData("a//m-Q4_K_M.gguf")]
    [InlineData("nul/m-Q4_K_M.gguf")]
    public async Task A_path_outside_the_cache_is_ignored(string path)
    {
        Hub.Fault = _ => new()
        {
            Body = Listing(path, new('a', 64), 5),
        };
        Assert.Empty((await FailsAsync<ModelNotFoundException>()).AvailableFiles);
        Assert.Single(Hub.Requests);
    }

    [Fact]
    public async Task A_server_without_ranges_is_used()
    {
        byte[] content = SmallModel(Length);
        Hub.Add(Repository, File4, content);
        Hub.Fault = request => request.IsContent ? new() { IgnoresRange = true } : null;
        await AssertSucceedsAsync(content);
    }

    [Fact]
    public async Task A_server_that_stops_serving_ranges_is_asked_for_the_whole_file()
    {
        byte[] content = SmallModel(Length);
        Hub.Add(Repository, File4, content);
        int whole = 0;
        Hub.Fault = request => request.IsContent
            && request.RangeStart is null or >= 128 << 10
            ? new() { IgnoresRange = true, CutAfter = request.RangeStart is null
                && Interlocked.Increment(ref whole) % 2 == 1 ? 300_000 : null }
            : null;
        await AssertSucceedsAsync(
            content, options => (options.TimeProvider, options.Timeout, options.MaxRetries) = (new HurriedTime(), s_longTimeout, 50));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task A_mirror_that_does_not_say_which_part_it_sends_is_used(int connections)
    {
        byte[] content = SmallModel(Length);
        Hub.Add(Repository, File4, content);
        Hub.Fault = request => request.IsContent ? new() { OmitsContentRange = true } : null;
        await AssertSucceedsAsync(content, options => options.Connections = connections);
        Assert.Equal(Length, Hub.BytesSent);
    }

    [Fact]
    public async Task A_mirror_that_sends_other_parts_than_requested_is_asked_for_the_whole_file()
    {
        byte[] content = SmallModel(Length);
        Hub.Add(Repository, File4, content);
        Hub.Fault = request => request.IsContent && request.RangeStart is not null
            ? new() { SendsWrongPart = true }
            : null;
        await AssertSucceedsAsync(content);
    }

    [Theory]
    [InlineData(405)]
    [InlineData(403)]
    [InlineData(500)]
    public async Task A_mirror_without_HEAD_is_used_when_its_listing_has_size_and_checksum(int status)
    {
        byte[] content = SmallModel(Length);
        Hub.Add(Repository, File4, content);
        Hub.Fault = request => request.Method == "HEAD" ? new() { Status = status } : null;
        await AssertSucceedsAsync(content);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_mirror_whose_listing_has_no_checksums_is_asked_for_the_headers_of_the_file(bool hasHead)
    {
        byte[] content = SmallModel(Length);
        Hub.Add(Repository, File4, content);
        Hub.HasPlainListing = true;
        Hub.Fault = request => request.Method == "HEAD" && !hasHead ? new() { Status = 405 } : null;
        await AssertSucceedsAsync(content);
    }

    [Fact]
    public async Task One_answer_with_the_whole_file_discards_nothing()
    {
        byte[] content = SmallModel(Length);
        Hub.Add(Repository, File4, content);
        int requests = 0;
        Hub.Fault = request => request.IsContent && Interlocked.Increment(ref requests) == 4
            ? new() { IgnoresRange = true, CutAfter = 1 }
            : null;
        await AssertSucceedsAsync(content, options => options.Connections = 1);
        Assert.All(Hub.Requests.Where(request => request.IsContent), request => Assert.NotNull(request.RangeStart));
        Assert.InRange(Hub.BytesSent, Length, Length + 1);
    }

    [Fact]
    public async Task An_unreachable_target_of_a_redirect_is_reported()
    {
        Hub.Fault = _ => new() { Status = 302, Headers = { ["Location"] = "http://localhost:9/listing" } };
        Assert.Contains(
            "could not be reached", (await FailsAsync<ModelFetchException>(options => options.MaxRetries = 0)).Message);
    }

    [Fact]
    public async Task An_endless_answer_is_read_up_to_the_size_of_the_file()
    {
        byte[] content = SmallModel(Length);
        Hub.Add(Repository, File4, content);
        Hub.Fault = request => request.IsContent ? new() { IsEndless = true } : null;
        await FailsAsync<ModelChecksumException>();
    }

    [Fact]
    public async Task A_stalled_connection_is_replaced()
    {
        byte[] content = SmallModel(Length);
        Hub.Add(Repository, File4, content);
        var never = new TaskCompletionSource();
        int stalls = 0;
        Hub.Fault = request => request.IsContent && Interlocked.Increment(ref stalls) <= 2
            ? new() { Stall = (0, never.Task) }
            : null;
        await AssertSucceedsAsync(content, options => options.Timeout = TimeSpan.FromMilliseconds(300));
        never.SetResult();
    }

    [Fact]
    public async Task An_expired_address_of_the_content_host_is_requested_again()
    {
        byte[] content = SmallModel(Length);
        Hub.Add(Repository, File4, content);
        int requests = 0;
        Hub.Fault = request => request.IsContent && Interlocked.Increment(ref requests) % 2 == 0
            ? new() { Status = 403 }
            : null;
        await AssertSucceedsAsync(content);
    }

    [Fact]
    public async Task A_cancelled_download_is_resumed()
    {
        byte[] content = SmallModel(Length);
        Hub.Add(Repository, File4, content);
        using var cancellation = new CancellationTokenSource();
        ModelHubOptions options = Options;
        options.Progress = new CancelAt(cancellation, 200_000);
        options.TimeProvider = new HurriedTime();
        options.Timeout = s_longTimeout;
        using (var fetcher = new ModelFetcher(options))
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(
                () => fetcher.FetchAsync(Qwen3Models.Instruct2507, cancellation.Token));
        }

        AssertNothingIsThere();
        Hub.Requests.Clear();
        await AssertSucceedsAsync(content);
        long requested = Hub.Requests.Where(request => request.IsContent).Sum(
            request => request.RangeEnd - request.RangeStart + 1)
            ?? 0;
        Assert.InRange(requested, 1, Length - 100_000);
    }

    [Fact]
    public async Task The_token_is_sent_to_the_hub_only_and_never_logged()
    {
        const string Token = "hf_averysecrettoken";
        byte[] content = SmallModel(Length);
        Hub.Add(Repository, File4, content);
        Hub.Token = Token;
        int requests = 0;
        Hub.Fault = _ => Interlocked.Increment(ref requests) % 4 == 0 ? new() { Status = 503 } : null;
        var lines = new List<string>();
        string file = Path.Combine(Folder, "token");
        await File.WriteAllTextAsync(file, Token + "\n");
        Variables["HF_TOKEN_PATH"] = file;
        await AssertSucceedsAsync(content, options => options.LoggerFactory = LogLines.To(lines));
        Assert.All(
            Hub.Requests,
            request => Assert.Equal(
                request.IsContent ? ("localhost", null) : ("127.0.0.1", "Bearer " + Token), (request.Host, request.Authorization)));
        Assert.Contains(lines, line => line.Contains("503", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("100 %", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains(Token, StringComparison.Ordinal)
            || line.Contains("signature", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_folder_in_the_place_of_the_token_file_is_named()
    {
        Hub.Add(Repository, File4, SmallModel(Length));
        Variables["HF_TOKEN_PATH"] = Folder;
        Assert.Contains(Folder, (await FailsAsync<ModelAccessException>()).Message);
    }

    [Fact]
    public async Task A_token_file_that_cannot_be_read_is_named()
    {
        Hub.Add(Repository, File4, SmallModel(Length));
        string file = Path.Combine(Folder, "token");
        await using FileStream locked = new(file, FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        locked.Write("hf_token"u8);
        await locked.FlushAsync();
        Variables["HF_TOKEN_PATH"] = file;
        using var fetcher = new ModelFetcher(Options);
        var exception = await Assert.ThrowsAsync<ModelAccessException>(
            () => fetcher.FindOrFetchAsync(Qwen3Models.Instruct2507));
        Assert.Contains(file, exception.Message);
        Assert.Contains("HF_TOKEN", exception.Message);
        Assert.Equal(Repository, exception.Repository);
    }

    [Fact]
    public async Task With_random_faults_the_model_is_complete_or_absent()
    {
        int seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper!.WriteLine($"Seed {seed}");
        var random = new Random(seed);
        byte[] content = SmallModel(Length);
        Hub.Add(Repository, File4, content);
        Hub.Fault = request =>
        {
            lock (random)
            {
                return random.Next(request.IsContent ? 2 : 6) > 0 ? null : random.Next(6) switch
                {
                    0 => new() { Status = random.Next(500, 505) },
                    1 or 2 => new() { CutAfter = random.Next(64 << 10) },
                    3 => request.IsContent ? new() { IgnoresRange = random.Next(4) == 0 } : new() { CutAfter = 0 },
                    4 => request.IsContent ? new() { Status = 403 } : new() { Body = "{" },
                    _ => new() { IsDamaged = random.Next(10) == 0 },
                };
            }
        };
        int succeeded = 0;
        for (int i = 0; i < 40; i++)
        {
            using var fetcher = new ModelFetcher(Options);
            try
            {
                Assert.Equal(
                    content, await File.ReadAllBytesAsync((await fetcher.FetchAsync(Qwen3Models.Instruct2507)).Path));
                succeeded++;
                Directory.Delete(CacheFolder, recursive: true);
            }
            catch (ModelFetchException e)
            {
                Assert.Contains(Repository, e.Message);
                AssertNothingIsThere();
            }
        }

        Assert.InRange(succeeded, 1, 40);
    }

    private async Task<T> FailsAsync<T>(Action<ModelHubOptions>? configure = null)
        where T : ModelFetchException
    {
        ModelHubOptions options = Options;
        configure?.Invoke(options);
        using var fetcher = new ModelFetcher(options);
        ModelFetchException exception = await Assert.ThrowsAnyAsync<ModelFetchException>(
            () => fetcher.FindOrFetchAsync(Qwen3Models.Instruct2507));
        Assert.Equal(Repository, exception.Repository);
        AssertNothingIsThere();
        return Assert.IsType<T>(exception);
    }

    private async Task AssertSucceedsAsync(byte[] content, Action<ModelHubOptions>? configure = null)
    {
        ModelHubOptions options = Options;
        configure?.Invoke(options);
        using var fetcher = new ModelFetcher(options);
        Assert.Equal(
            content, await File.ReadAllBytesAsync((await fetcher.FindOrFetchAsync(Qwen3Models.Instruct2507)).Path));
    }

    private static string Listing(string path, string checksum, int size) =>
        $$$"""{"sha":"{{{LoopbackHub.Commit}}}","siblings":[{"rfilename":"{{{path}}}","lfs":{"sha256":"{{{checksum}}}","size":{{{size}}}}}]}""";

    private sealed class CancelAt(CancellationTokenSource cancellation, long bytes) : IProgress<FetchProgress>
    {
        public void Report(FetchProgress value)
        {
            if (value.Bytes >= bytes)
            {
                cancellation.Cancel();
            }
        }
    }
}
