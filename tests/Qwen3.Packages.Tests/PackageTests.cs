using System.IO.Compression;
using System.Xml.Linq;

namespace Qwen3.Packages.Tests;

/// <summary>What a package shows on its page and brings along.</summary>
public sealed class PackageTests(PackageFeed feed)
{
    public static TheoryData<string> Ids => [.. Repository.PackageIds];

    [Theory]
    [MemberData(nameof(Ids))]
    public void A_package_has_a_page_a_licence_and_its_notices(string id)
    {
        XElement metadata = feed.Metadata(id);
        string Value(string name) => metadata.Elements().SingleOrDefault(element => element.Name.LocalName == name)?.Value ?? "";

        Assert.Equal(feed.Version, Value("version"));
        Assert.Equal("MIT", Value("license"));
        Assert.EndsWith(".", Value("description"));
        Assert.Contains("qwen3", Value("tags").Split(' '));
        using ZipArchive package = feed.Open(id);
        Assert.NotNull(package.GetEntry(Value("icon")));
        using var readme = new StreamReader(package.GetEntry(Value("readme"))!.Open());
        Assert.StartsWith($"# {id}\n", readme.ReadToEnd().ReplaceLineEndings("\n"));
        using var notice = new StreamReader(package.GetEntry("NOTICE")!.Open());
        string notices = notice.ReadToEnd();
        Assert.All(["llama.cpp", "LLamaSharp", "Alibaba Cloud"], name => Assert.Contains(name, notices));
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void A_library_has_documentation_and_symbols(string id)
    {
        if (id is "Qwen3.Cli" or "Qwen3.Templates")
        {
            return;
        }

        using ZipArchive package = feed.Open(id), symbols = ZipFile.OpenRead(feed.PathOf(id, "snupkg"));
        Assert.NotNull(package.GetEntry($"lib/net10.0/{id}.xml"));
        Assert.NotNull(symbols.GetEntry($"lib/net10.0/{id}.pdb"));
        // An application is given the native libraries by build files, which every package on the way has to pass on.
        XElement[] own = [.. feed.Metadata(id).Descendants()
            .Where(element => element.Name.LocalName == "dependency")
            .Where(element => element.Attribute("id")!.Value is var other && (other.StartsWith("Qwen3.") || other == "LLamaSharp.Backend.Cpu"))];
        Assert.NotEmpty(own);
        Assert.All(own, dependency => Assert.Equal("All", dependency.Attribute("include")?.Value));
        Assert.All(
            own.Where(dependency => dependency.Attribute("id")!.Value.StartsWith("Qwen3.")),
            dependency => Assert.Equal(feed.Version, dependency.Attribute("version")!.Value));
    }

    [Fact]
    public void The_tool_has_the_libraries_of_all_platforms()
    {
        using ZipArchive package = feed.Open("Qwen3.Cli");
        string[] platforms = [.. package.Entries
            .Select(entry => entry.FullName.Split("/runtimes/"))
            .Where(parts => parts.Length == 2)
            .Select(parts => parts[1].Split('/')[0])
            .Distinct()
            .Order(StringComparer.Ordinal)];
        Assert.Equal(
            ["linux-arm64", "linux-musl-x64", "linux-x64", "osx-arm64", "osx-x64", "win-arm64", "win-x64"], platforms);
    }
}
