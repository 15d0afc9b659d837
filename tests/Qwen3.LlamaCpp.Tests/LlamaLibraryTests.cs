namespace Qwen3.LlamaCpp.Tests;

public sealed class LlamaLibraryTests
{
    [Fact]
    public void Tells_where_the_library_was_loaded_from()
    {
        var library = LlamaLibrary.Load();
        Assert.NotEmpty(Directory.EnumerateFiles(library.Directory, "*llama*"));
        Assert.Equal("0.4.0-dev", library.Version);
        Assert.Equal(library.Directory, LlamaLibrary.Load(library.Directory).Directory);
        string message = Assert.Throws<LlamaLibraryException>(() => LlamaLibrary.Load(Path.GetTempPath())).Message;
        Assert.Contains(library.Directory, message);
    }
}
