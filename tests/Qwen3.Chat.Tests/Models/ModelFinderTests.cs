using System.Diagnostics;
using System.Text;
using Qwen3.Chat.Models;
using Qwen3.LlamaCpp;
using Qwen3.Tests;

namespace Qwen3.Chat.Tests.Models;

public sealed class ModelFinderTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("qwen3-tests-").FullName;
    private readonly Dictionary<string, string> _variables = [];

    private ModelHubOptions Options =>
        new()
        {
            Variable = name => name is "HOME" or "USERPROFILE" ? _home : _variables.GetValueOrDefault(name),
            ModelFolder = Place("own"),
        };

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

        Assert.Equal((path, ModelLocation.HuggingFaceCache, "some/repo", "Q8_0"),
            (found.Path, found.Location, found.Repository, found.Quantization));
        Assert.Equal(path, Find("hf:some/repo")!.Path);
        Assert.Equal(path, Find("hf:some/repo/m-Q8_0.gguf")!.Path);
        Assert.Null(Find("hf:some/repo:Q4_K_M"));
        Assert.Null(Find("hf:another/repo"));
    }

    [Fact]
    public void A_file_of_the_same_name_in_another_folder_is_another_model()
    {
        string folder = Place(".cache", "huggingface", "hub", "models--some--repo", "snapshots", new('a', 40));
        string path = Write(Model(), folder, "instruct", "model.gguf");
        Assert.Equal(path, Find("hf:some/repo/instruct/model.gguf")?.Path);
        Assert.Null(Find("hf:some/repo/thinking/model.gguf"));
        Assert.Null(Find("hf:some/repo/model.gguf"));
        Write(Model(), Place(".cache", "llama.cpp"), "other_repo_instruct_model.gguf");
        Assert.NotNull(Find("hf:other/repo/instruct/model.gguf"));
        Assert.Null(Find("hf:other/repo/thinking/model.gguf"));
    }

    [Theory]
    [InlineData("hf:some/repo/x-00001-of-00002.gguf", true)]
    [InlineData("hf:some/repo/x-00002-of-00002.gguf", true)]
    [InlineData("hf:some/repo/x-00002-of-00003.gguf", false)]
    [InlineData("hf:some/repo/x.gguf", false)]
    public void A_split_model_is_found_by_any_of_its_parts(string name, bool isFound)
    {
        string folder = Place(".cache", "huggingface", "hub", "models--some--repo", "snapshots", new('a', 40));
        var parts = GgufParts.Read(Model());
        int half = parts.Tensors.Count / 2;
        for (int i = 0; i < 2; i++)
        {
            List<(string, byte[])> entries =
                [.. i == 0 ? parts.Entries : [], ("split.no", GgufParts.UInt16((ushort)i)), ("split.count", GgufParts.UInt16(2))];
            Write(
                GgufParts.Write(entries, [.. parts.Tensors.Skip(i * half).Take(i == 0 ? half : int.MaxValue)]),
                folder,
                $"x-0000{i + 1}-of-00002.gguf");
        }

        Assert.Equal(isFound ? Path.Combine(folder, "x-00001-of-00002.gguf") : null, Find(name)?.Path);
    }

    [Fact]
    public void A_repository_that_cannot_be_read_does_not_hide_the_others()
    {
        string cache = Place(".cache", "huggingface", "hub");
        string first = Write(Model(), cache, "models--a--a", "snapshots", new('a', 40), "m-Q8_0.gguf");
        string second = Write(Model(), cache, "models--b--b", "snapshots", new('a', 40), "m-Q8_0.gguf");
        string main = Write("a"u8.ToArray(), cache, "models--a--a", "refs", "main");
        using FileStream taken = new(main, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        Assert.Equal([first, second], new ModelFinder(Options).FindAll().Select(found => found.Path));
    }

    [Theory]
    [InlineData("HF_HOME", "hub")]
    [InlineData("HF_HUB_CACHE", "")]
    [InlineData("XDG_CACHE_HOME", "huggingface/hub")]
    public void Variables_move_the_cache(string variable, string below)
    {
        _variables[variable] = Place("moved");
        string path = Write(Model(),
            [Place("moved"), .. below.Split('/'), "models--some--repo", "snapshots", new('a', 40), "m-Q8_0.gguf"]);
        Assert.Equal(path, Find("hf:some/repo")?.Path);
    }

    [Theory]
    [InlineData(ModelLocation.LmStudio, ".lmstudio/models/some/repo/m-Q8_0.gguf", "hf:some/repo:Q8_0")]
    [InlineData(ModelLocation.LlamaCpp, ".cache/llama.cpp/some_repo_m-Q8_0.gguf", "hf:some/repo:Q8_0")]
    [InlineData(ModelLocation.LlamaCpp, ".cache/llama.cpp/some_repo_m-Q8_0.gguf", "hf:some/repo/m-Q8_0.gguf")]
    [InlineData(ModelLocation.Folder, "own/Qwen3-4B-Instruct-2507-Q8_0.gguf", "instruct-2507:Q8_0")]
    [InlineData(ModelLocation.Folder, "own/sub/any name.gguf", "instruct-2507:Q8_0")]
    public void The_folders_of_other_tools_are_searched(ModelLocation location, string path, string name)
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
    [InlineData("modelscope.cn/some/repo/Q8_0", "modelscope:some/repo:Q8_0", "some/repo")]
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
        Assert.Equal((blob, ModelLocation.Ollama, repository, "Q8_0"),
            (found?.Path, found?.Location, found?.Repository, found?.Quantization));
    }

    [Theory]
    [InlineData("registry.ollama.ai/library/m/q8_0", true, true)]
    [InlineData("modelscope.cn/some/repo/Q8_0", false, true)]
    [InlineData("hf.co/some/repo/Q8_0", true, false)]
    public void A_name_of_one_hub_is_not_taken_for_that_of_the_other(
        string manifest, bool isNotOfModelScope, bool isNotOfHuggingFace)
    {
        string digest = new('c', 64);
        _variables["OLLAMA_MODELS"] = Place("ollama");
        Write(
            Encoding.UTF8.GetBytes(
                $$"""{"layers":[{"mediaType":"application/vnd.ollama.image.model","digest":"sha256:{{digest}}"}]}"""),
            [Place("ollama", "manifests"), .. manifest.Split('/')]);
        Write(Model(), Place("ollama", "blobs"), $"sha256-{digest}");
        Assert.Equal(isNotOfModelScope, Find("modelscope:some/repo:Q8_0") is null);
        Assert.Equal(isNotOfHuggingFace, Find("hf:some/repo:Q8_0") is null);
    }

    [Theory]
    [InlineData("", ".cache/modelscope/hub/models/some/repo___1/m-Q8_0.gguf")]
    [InlineData("", ".cache/modelscope/hub/some/repo___1/m-Q8_0.gguf")]
    [InlineData("moved", "moved/models/some/repo___1/m-Q8_0.gguf")]
    [InlineData("moved", "moved/some/repo___1/m-Q8_0.gguf")]
    public void The_cache_of_ModelScope_is_searched(string variable, string path)
    {
        if (variable.Length > 0)
        {
            _variables["MODELSCOPE_CACHE"] = Place(variable);
        }

        string file = Write(Model(), [_home, .. path.Split('/')]);
        FoundModel? found = Find("modelscope:some/repo.1:Q8_0");
        Assert.Equal(
            (file, ModelLocation.ModelScopeCache, "some/repo.1"), (found?.Path, found?.Location, found?.Repository));
        Assert.Equal(file, Find("modelscope:some/repo.1/m-Q8_0.gguf")?.Path);
        Assert.Null(Find("hf:some/repo.1:Q8_0"));
        Assert.Single(new ModelFinder(Options).FindAll());
    }

    [Fact]
    public void Pipes_devices_and_empty_files_are_passed_over()
    {
        string folder = Directory.CreateDirectory(Place("own")).FullName;
        foreach (string name in (string[])["own/pipe.gguf", "own/part-00002-of-00002.gguf", ".ollama/models/manifests/a/b/c"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Place(name))!);
            using Process process = Process.Start("mkfifo", [Place(name)]);
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
        }

        File.CreateSymbolicLink(Path.Combine(folder, "link to a pipe.gguf"), "pipe.gguf");
        File.CreateSymbolicLink(Path.Combine(folder, "zero.gguf"), "/dev/zero");
        File.CreateSymbolicLink(Path.Combine(folder, "terminal.gguf"), "/dev/tty");
        Write([], folder, "empty.gguf");
        string good = Write(Model(), folder, "good.gguf");
        Assert.Equal([good], new ModelFinder(Options).FindAll().Select(found => found.Path));
        Assert.Throws<ModelFileException>(
            () => new ModelFinder(Options).Find(Qwen3Models.Parse(Place("own", "pipe.gguf"))));
    }

    [Fact]
    public void Folders_that_link_to_themselves_are_searched_once()
    {
        string folder = Directory.CreateDirectory(Place("own", "a")).FullName;
        for (int i = 0; i < 20; i++)
        {
            Directory.CreateSymbolicLink(Path.Combine(folder, $"loop{i}"), i % 2 == 0 ? folder : Place("own"));
        }

        string elsewhere = Write(Model(), Place("elsewhere"), "m.gguf");
        Directory.CreateSymbolicLink(Path.Combine(folder, "z"), Place("elsewhere"));
        Assert.Equal(
            [Path.Combine(folder, "z", "m.gguf")], new ModelFinder(Options).FindAll().Select(found => found.Path));
        Assert.True(File.Exists(elsewhere));
    }

    [Theory]
    [InlineData(".lmstudio/models")]
    [InlineData(".cache/lm-studio/models")]
    [InlineData(".ollama/models/manifests")]
    [InlineData(".cache/modelscope")]
    [InlineData(".cache/llama.cpp")]
    [InlineData(".cache/huggingface/hub")]
    [InlineData(".cache/huggingface/hub/models--a--b/snapshots")]
    public void A_folder_that_cannot_be_read_does_not_hide_the_others(string folder)
    {
        string good = Write(Model(), Place("own"), "good.gguf");
        string path = Place(folder.Split('/'));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        // A link to itself fails with an error that is neither "not found" nor "access denied".
        File.CreateSymbolicLink(path, path);
        Assert.Equal([good], new ModelFinder(Options).FindAll().Select(found => found.Path));
        File.Delete(path);
        File.WriteAllText(path, "a file in the place of a folder");
        Assert.Equal([good], new ModelFinder(Options).FindAll().Select(found => found.Path));
        File.Delete(path);
        Directory.CreateDirectory(path);
        File.CreateSymbolicLink(Path.Combine(path, "loop"), Path.Combine(path, "loop"));
        Assert.Equal([good], new ModelFinder(Options).FindAll().Select(found => found.Path));
    }

    [Fact]
    public void A_cancelled_search_ends_between_two_folders()
    {
        for (int i = 0; i < 3; i++)
        {
            Directory.CreateDirectory(Place("own", $"folder{i}"));
        }

        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        Assert.Throws<OperationCanceledException>(() => new ModelFinder(Options).FindAll(cancellation.Token).ToList());
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("""{"layers":[null,{"mediaType":"application/vnd.ollama.image.model","digest":"sha256:../../../secret"}]}""")]
    public void An_invalid_manifest_is_passed_over(string manifest)
    {
        _variables["OLLAMA_MODELS"] = Place("ollama");
        Write(Encoding.UTF8.GetBytes(manifest), Place("ollama", "manifests", "registry.ollama.ai", "library", "qwen3"),
            "4b");
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
    public void Own_folders_are_searched_and_those_of_other_tools_can_be_left_out()
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
    public void A_path_is_read_without_a_search()
    {
        FoundModel found = new ModelFinder(Options).Find(Qwen3Models.Parse(NanoModels.Thinking))!;
        Assert.Equal(
            (NanoModels.Thinking, Qwen3Variant.Thinking, "Q8_0", ModelLocation.Path),
            (found.Path, found.Variant, found.Quantization, found.Location));
        Assert.Equal(new FileInfo(NanoModels.Thinking).Length, found.SizeInBytes);
        Assert.Throws<FileNotFoundException>(() => new ModelFinder(Options).Find(Qwen3Models.Parse("none.gguf")));
        Assert.Throws<ModelFileException>(
            () => new ModelFinder(Options).Find(Qwen3Models.Parse(Write("no"u8.ToArray(), _home, "no.gguf"))));
    }

    private static byte[] Model(string? name = null, bool isThinking = false) =>
        SmallModels.Create(name: name, isThinking: isThinking);

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
