using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Qwen3.Chat.Models;

namespace Qwen3.Chat.Tests.Models;

/// <summary>Models that are registered by name are found or fetched, loaded, and loaded again.</summary>
public sealed class NamedModelTests : HubTest
{
    private readonly List<string> _lines = [];

    [Fact]
    public async Task A_model_of_the_catalogue_is_fetched_by_the_first_request_and_not_again()
    {
        Hub.Add(Repository, File4, await File.ReadAllBytesAsync(NanoModels.Instruct));
        var time = new FakeTimeProvider();
        var services = new ServiceCollection();
        services.AddSingleton(LogLines.To(_lines));
        services.AddQwen3ChatClient(Qwen3Models.Instruct2507, options =>
        {
            options.Hub = Options;
            options.Engine.Threads = 1;
            options.Engine.TimeProvider = time;
            options.UnloadAfter = TimeSpan.FromMinutes(1);
        });
        await using ServiceProvider provider = services.BuildServiceProvider();
        var client = provider.GetRequiredService<Qwen3ChatClient>();
        Assert.Equal(
            (Qwen3Variant.Instruct, "Qwen3-4B-Instruct-2507"), (client.Variant, client.Metadata.DefaultModelId));
        Assert.Empty(Hub.Requests);

        Assert.StartsWith("Hello",
            (await provider.GetRequiredService<IChatClient>().GetResponseAsync("Hello!", NanoTools.Greedy())).Text);

        Assert.Contains(
            _lines, line => line.StartsWith($"Fetching {File4} of {Repository}: 100 %", StringComparison.Ordinal));
        Assert.Contains(_lines, line => line == "Loading instruct-2507:Q4_K_M: 100 %");
        int requests = Hub.Requests.Count;
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.StartsWith("Hello", (await client.GetResponseAsync("Hello!", NanoTools.Greedy())).Text);
        Assert.Equal(2, _lines.Count(line => line == "Loading instruct-2507:Q4_K_M: 100 %"));
        Assert.Equal(requests, Hub.Requests.Count);
    }

    [Fact]
    public async Task A_cancelled_wait_does_not_stop_the_download_and_disposal_does()
    {
        Hub.Add(Repository, File4, SmallModel(1_000_000));
        var never = new TaskCompletionSource();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Hub.Fault = request =>
        {
            if (request.IsContent)
            {
                asked.TrySetResult();
            }

            return request.IsContent ? new() { Stall = (0, never.Task) } : null;
        };
        Qwen3ChatClient client = Qwen3ChatClient.LoadOnDemand(Qwen3Models.Instruct2507, new() { Hub = Options });
        using var cancellation = new CancellationTokenSource();
        Task waiting = client.LoadModelAsync(cancellation.Token);
        Task other = client.LoadModelAsync(CancellationToken.None);
        await asked.Task;
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.False(other.IsCompleted);
        client.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => other);
        never.SetResult();
        AssertNothingIsThere();
    }

    [Fact]
    public async Task The_variant_of_a_model_outside_the_catalogue_is_read_from_its_file()
    {
        Hub.Add("some/repo", "m-Q8_0.gguf", await File.ReadAllBytesAsync(NanoModels.Thinking));
        using Qwen3ChatClient client = await Qwen3ChatClient.LoadAsync(
            Qwen3Models.Parse("hf:some/repo"), new() { Hub = Options, Engine = { Threads = 1 } });
        Assert.Equal(Qwen3Variant.Thinking, client.Variant);
        Assert.Contains(
            (await client.GetResponseAsync("Hello!", NanoTools.Greedy())).Messages[0].Contents, content => content is TextReasoningContent);
    }

    [Fact]
    public async Task A_failed_download_is_reported_and_the_next_request_tries_again()
    {
        using Qwen3ChatClient client = Qwen3ChatClient.LoadOnDemand(
            Qwen3Models.Instruct2507, new() { Hub = Options, Engine = { Threads = 1 } });
        await Assert.ThrowsAsync<ModelNotFoundException>(() => client.GetResponseAsync("Hello!"));
        Hub.Add(Repository, File4, await File.ReadAllBytesAsync(NanoModels.Instruct));
        Assert.StartsWith("Hello", (await client.GetResponseAsync("Hello!", NanoTools.Greedy())).Text);
    }

    [Fact]
    public async Task A_section_of_the_configuration_names_the_model_and_its_hub()
    {
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ModelName"] = "hf:some/repo:Q8_0",
            ["Hub:Endpoint"] = "https://mirror.example/hf",
            ["Hub:Kind"] = "ModelScope",
            ["Hub:Folders:0"] = "/models",
            ["Hub:Offline"] = "true",
        }).Build();
        var services = new ServiceCollection();
        services.AddQwen3ChatClient(configuration, "named");
        await using ServiceProvider provider = services.BuildServiceProvider();
        Qwen3ChatClientOptions options = provider.GetRequiredService<IOptionsMonitor<Qwen3ChatClientOptions>>().Get(
            "named");
        Assert.Equal(
            ("https://mirror.example/hf", ModelHubKind.ModelScope, "/models", true),
            (options.Hub.Endpoint?.ToString(), options.Hub.Kind, options.Hub.Folders.Single(), options.Hub.Offline));
        Assert.Equal("repo", provider.GetRequiredKeyedService<Qwen3ChatClient>("named").Metadata.DefaultModelId);
    }

    [Theory]
    [InlineData("no such model", null, 4, "ModelName")]
    [InlineData("hybrid", "file.gguf", 4, "ModelPath")]
    [InlineData("hybrid", null, 0, "Connections")]
    public async Task Wrong_settings_are_named(string name, string? path, int connections, string setting)
    {
        var services = new ServiceCollection();
        services.AddQwen3ChatClient(
            options => (options.ModelName, options.ModelPath, options.Hub.Connections) = (name, path, connections));
        await using ServiceProvider provider = services.BuildServiceProvider();
        Assert.Contains(
            setting, Assert.Throws<OptionsValidationException>(provider.GetRequiredService<Qwen3ChatClient>).Message);
    }
}
