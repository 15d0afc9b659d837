using System.Text;
using Qwen3.Chat.Models;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Tests.Models;

public sealed class ModelFinderTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("qwen3-tests-").FullName;
    private readonly Dictionary<string, string> _variables = [];

    private ModelHubOptions Options =>
        new() { Variable = name => name is "HOME" or "USERPROFILE" ? _home : _variables.GetValueOrDefault(name), ModelFolder = Place("own") };

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Fact]
    public void The_Hugging_Face_cache_is_read_by_its_refs()
    {
        string old = new('a', 40), main = new('b', 40);
        string folder = Place(".cache", "huggingface", "hub", "models--some--repo");
        Write(Model(), folder, "snapshots", old, "m-Q8_0.gguf");
        string path = Write(Model(), folder, "snapshots", main, "m-Q8_0.gguf");
        Write("b"u8.ToArray(), folder, "refs", "main");
        File.WriteAllText(Path.Combine(folder, "refs", "main"), main);
        Directory.SetLastWriteTimeUtc(Path.Combine(folder, "snapshots", old), DateTime.UtcNow.AddDays(1));

        FoundModel found = Find("hf:some/repo:Q8_0")!;

        Assert.Equal((path, ModelLocation.HuggingFaceCache, "some/repo", "Q8_0"), (found.Path, found.Location, found.Repository, found.Quantization));
        Assert.Equal(path, Find("hf:some/repo")!.Path);
        Assert.Equal(path, Find("hf:some/repo/m-Q8_0.gguf")!.Path);
        Assert.Null(Find("hf:some/repo:Q4_K_M"));
        Assert.Null(Find("hf:another/repo"));
    }

    [Theory]
    [InlineData("HF_HOME", "hub")]
    [InlineData("HF_HUB_CACHE", "")]
    [InlineData("XDG_CACHE_HOME", "huggingface/hub")]
    public void Variables_move_the_cache(string variable, string below)
    {
        _variables[variable] = Place("moved");
        string path = Write(Model(), [Place("moved"), .. below.Split('/'), "models--some--repo", "snapshots", new('a', 40), "m-Q8_0.gguf"]);
        Assert.Equal(path, Find("hf:some/repo")?.Path);
    }

    [Theory]
    [InlineData(ModelLocation.LmStudio, ".lmstudio/models/some/repo/m-Q8_0.gguf", "hf:some/repo:Q8_0")]
    [InlineData(ModelLocation.LlamaCpp, ".cache/llama.cpp/some_repo_m-Q8_0.gguf", "hf:some/repo:Q8_0")]
    [InlineData(ModelLocation.LlamaCpp, ".cache/llama.cpp/some_repo_m-Q8_0.gguf", "hf:some/repo/m-Q8_0.gguf")]
    [InlineData(ModelLocation.Folder, "own/Qwen3-4B-Instruct-2507-Q8_0.gguf", "instruct-2507:Q8_0")]
    [InlineData(ModelLocation.Folder, "own/sub/any name.gguf", "instruct-2507:Q8_0")]
    public void Other_tools_folders_are_looked_into(ModelLocation location, string path, string name)
    {
        string file = Write(Model("Qwen3 4B Instruct 2507"), [_home, .. path.Split('/')]);
        FoundModel? found = Find(name);
        Assert.Equal((file, location), (found?.Path, found?.Location));
    }

    [Fact]
    public void A_model_that_only_resembles_one_of_the_catalogue_is_not_taken_for_it()
    {
        Write(Model("Qwen3-4B-Instruct-2507-abliterated"), Place("own"), "one-Q8_0.gguf");
        Write(Model(), Place("own"), "Qwen3-4B-Instruct-2507-Q8_0.gguf");
        Write(Model("Qwen3-4B-Instruct-2507", isThinking: true), Place("own"), "two-Q8_0.gguf");
        Assert.Null(Find("instruct-2507:Q8_0"));
        Assert.Equal(3, new ModelFinder(Options).FindAll().Count());
    }

    [Theory]
    [InlineData("registry.ollama.ai/library/qwen3/4b-instruct-2507-q8_0", "instruct-2507:Q8_0", "qwen3:4b-instruct-2507-q8_0")]
    [InlineData("hf.co/some/repo/Q8_0", "hf:some/repo:Q8_0", "some/repo")]
    public void Ollama_s_store_is_read_by_its_manifests(string manifest, string name, string repository)
    {
        string digest = new('c', 64);
        _variables["OLLAMA_MODELS"] = Place("ollama");
        Write(
            Encoding.UTF8.GetBytes(
                $$"""{"layers":[{"mediaType":"license"},{"mediaType":"application/vnd.ollama.image.model","digest":"sha256:{{digest}}"}]}"""),
            [Place("ollama", "manifests"), .. manifest.Split('/')]);
        string blob = Write(Model("Qwen3 4B Instruct 2507"), Place("ollama", "blobs"), $"sha256-{digest}");
        FoundModel? found = Find(name);
        Assert.Equal((blob, ModelLocation.Ollama, repository, "Q8_0"), (found?.Path, found?.Location, found?.Repository, found?.Quantization));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("""{"layers":[null,{"mediaType":"application/vnd.ollama.image.model","digest":"sha256:../../../secret"}]}""")]
    public void A_manifest_that_is_none_is_passed_over(string manifest)
    {
        _variables["OLLAMA_MODELS"] = Place("ollama");
        Write(Encoding.UTF8.GetBytes(manifest), Place("ollama", "manifests", "registry.ollama.ai", "library", "qwen3"), "4b");
        Assert.Empty(new ModelFinder(Options).FindAll());
    }

    [Fact]
    public void Damaged_files_other_models_and_lone_parts_are_passed_over()
    {
        byte[] model = Model();
        Write(model[..1000], Place("own"), "cut.gguf");
        Write("GGUF"u8.ToArray(), Place("own"), "short.gguf");
        Write(model, Place("own"), "m-Q8_0-00002-of-00003.gguf");
        Write(model, Place("own"), "mmproj-m.gguf");
        Directory.CreateDirectory(Path.Combine(_home, "own", "folder.gguf"));
        File.CreateSymbolicLink(Path.Combine(_home, "own", "broken.gguf"), "nowhere");
        string good = Write(model, Place("own"), "good.gguf");
        Assert.Equal([good], new ModelFinder(Options).FindAll().Select(found => found.Path));
    }

    [Fact]
    public void Folders_of_one_s_own_count_and_other_tools_can_be_left_alone()
    {
        Write(Model(), Place(".lmstudio", "models", "some", "repo"), "m-Q8_0.gguf");
        string path = Write(Model(), Place("mine", "some", "repo"), "m-Q8_0.gguf");
        ModelHubOptions options = Options;
        options.SearchOtherTools = false;
        options.Folders = [Place("mine")];
        Assert.Equal([path], new ModelFinder(options).FindAll().Select(found => found.Path));
        Assert.Equal(path, new ModelFinder(options).Find(Qwen3Models.Parse("hf:some/repo"))?.Path);
    }

    [Fact]
    public void A_path_is_read_and_not_looked_for()
    {
        FoundModel found = new ModelFinder(Options).Find(Qwen3Models.Parse(NanoModels.Thinking))!;
        Assert.Equal(
            (NanoModels.Thinking, Qwen3Variant.Thinking, "Q8_0", ModelLocation.Path),
            (found.Path, found.Variant, found.Quantization, found.Location));
        Assert.Equal(new FileInfo(NanoModels.Thinking).Length, found.SizeInBytes);
        Assert.Throws<FileNotFoundException>(() => new ModelFinder(Options).Find(Qwen3Models.Parse("none.gguf")));
        Assert.Throws<ModelFileException>(() => new ModelFinder(Options).Find(Qwen3Models.Parse(Write("no"u8.ToArray(), _home, "no.gguf"))));
    }

    private static byte[] Model(string? name = null, bool isThinking = false) => SmallModels.Create(name: name, isThinking: isThinking);

    private FoundModel? Find(string name) => new ModelFinder(Options).Find(Qwen3Models.Parse(name));

    private string Place(params string[] segments) => Path.Combine([_home, .. segments]);

    private static string Write(byte[] content, params string[] segments)
    {
        string path = Path.Combine(segments);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }
}
