namespace Qwen3.Cli.Tests;

/// <summary>A home folder and an environment without models, until it is disposed.</summary>
internal sealed class EmptyHome : IDisposable
{
    private readonly Dictionary<string, string?> _before = [];

    public EmptyHome()
    {
        Folder = Directory.CreateTempSubdirectory("qwen3-tests-").FullName;
        Models = Directory.CreateDirectory(Path.Combine(Folder, "models")).FullName;
        Variables = new Dictionary<string, string?>
        {
            ["HOME"] = Folder,
            ["USERPROFILE"] = Folder,
            ["QWEN3_MODELS"] = Models,
        };
        string[] absent =
        [
            "QWEN3_MODEL", "HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_ENDPOINT", "HF_TOKEN", "HF_HUB_OFFLINE", "XDG_CACHE_HOME",
            "OLLAMA_MODELS", "LLAMA_CACHE", "MODELSCOPE_CACHE", "MODELSCOPE_DOMAIN",
            "GOMP_SPINCOUNT", "OMP_WAIT_POLICY", "DOTNET_PROCESSOR_COUNT", "QWEN3_THREADS",
        ];
        foreach (string name in absent)
        {
            Variables[name] = null;
        }
    }

    public string Folder { get; }

    /// <summary>The folder QWEN3_MODELS, which is searched for models.</summary>
    public string Models { get; }

    /// <summary>The environment of processes that use this home folder.</summary>
    public Dictionary<string, string?> Variables { get; }

    /// <summary>Copies a model into the searched folder.</summary>
    public string Add(string name, string model)
    {
        string path = Path.Combine(Models, name);
        File.Copy(model, path);
        return path;
    }

    /// <summary>Applies the environment to this process.</summary>
    public void MoveIn()
    {
        foreach ((string name, string? value) in Variables)
        {
            _before.TryAdd(name, Environment.GetEnvironmentVariable(name));
            Environment.SetEnvironmentVariable(name, value);
        }
    }

    public void Dispose()
    {
        foreach ((string name, string? value) in _before)
        {
            Environment.SetEnvironmentVariable(name, value);
        }

        Directory.Delete(Folder, recursive: true);
    }
}
