using Qwen3.Chat.Models;
using Qwen3.Tests;

namespace Qwen3.Chat.Tests.Models;

/// <summary>Gives each test a hub of its own and an empty home folder.</summary>
public abstract class HubTest : IAsyncLifetime
{
    protected const string Repository = "unsloth/Qwen3-4B-Instruct-2507-GGUF",
        File4 = "Qwen3-4B-Instruct-2507-Q4_K_M.gguf";

    protected string Folder { get; } = Directory.CreateTempSubdirectory("qwen3-tests-").FullName;

    protected string CacheFolder => Path.Combine(Folder, "hub");

    protected string RepositoryFolder => Path.Combine(CacheFolder, "models--unsloth--Qwen3-4B-Instruct-2507-GGUF");

    internal LoopbackHub Hub { get; private set; } = null!;

    /// <summary>The environment variables of the test.</summary>
    protected Dictionary<string, string> Variables { get; } = [];

    protected ModelHubOptions Options => new()
    {
        Endpoint = Hub.Endpoint,
        CacheFolder = CacheFolder,
        RetryDelay = TimeSpan.FromMilliseconds(1),
        PartSize = 64 << 10,
        Variable = name => name is "HOME" or "USERPROFILE" ? Folder : Variables.GetValueOrDefault(name),
        ModelFolder = Path.Combine(Folder, "own"),
        ConsoleProgress = false,
    };

    public async ValueTask InitializeAsync() => Hub = await LoopbackHub.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await Hub.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected static byte[] SmallModel(int length = 0, string quantization = "Q8_0", bool isThinking = false) =>
        SmallModels.Create(length, null, quantization, isThinking);

    /// <summary>Asserts that no incomplete file has the name of a complete one.</summary>
    protected void AssertNothingIsThere()
    {
        Assert.False(Directory.Exists(Path.Combine(RepositoryFolder, "snapshots")));
        Assert.False(File.Exists(Path.Combine(RepositoryFolder, "refs", "main")));
        string blobs = Path.Combine(RepositoryFolder, "blobs");
        Assert.All(
            Directory.Exists(blobs) ? Directory.GetFiles(blobs) : [], blob => Assert.EndsWith(".qwen3-partial", blob));
        Assert.Null(new ModelFinder(Options).Find(Qwen3Models.Instruct2507));
    }
}
