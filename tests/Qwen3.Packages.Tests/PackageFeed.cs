using System.Globalization;
using System.IO.Compression;
using System.Xml.Linq;

[assembly: AssemblyFixture(typeof(Qwen3.Packages.Tests.PackageFeed))]

namespace Qwen3.Packages.Tests;

/// <summary>
/// All packages of the repository, packed once as they were built for the tests, in a feed outside of it. Their version is
/// new in each run, and the packages are unpacked below the feed's folder, so that no cached package of an earlier run is used.
/// </summary>
public sealed class PackageFeed : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("qwen3-packages-");

    /// <summary>Gets the version of the packages.</summary>
    public string Version { get; } = string.Create(CultureInfo.InvariantCulture, $"0.1.0-test.{DateTime.UtcNow:yyyyMMddHHmmssfff}");

    /// <summary>Gets the folder with the packages.</summary>
    public string Packages => Path.Combine(_folder.FullName, "feed");

    private string Programs => Path.Combine(_folder.FullName, "bin");

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Packages);
        Directory.CreateDirectory(Programs);
        if (!OperatingSystem.IsWindows())
        {
            File.CreateSymbolicLink(Path.Combine(Programs, "chmod"), File.Exists("/bin/chmod") ? "/bin/chmod" : "/usr/bin/chmod");
        }

        // Beside the sources that the user has.
        File.WriteAllText(
            Path.Combine(_folder.FullName, "nuget.config"),
            """<configuration><packageSources><add key="qwen3-tests" value="feed" /></packageSources></configuration>""");
        string project = Path.Combine(_folder.FullName, "pack.proj");
        File.WriteAllText(
            project,
            $"""
            <Project>
              <ItemGroup><Packed Include="{Repository.Root}/src/*/*.csproj" /></ItemGroup>
              <Target Name="Pack">
                <MSBuild Projects="@(Packed)" Targets="Pack" BuildInParallel="true"
                         Properties="NoBuild=true;Configuration={Repository.Configuration};PackageVersion={Version};PackageOutputPath={Packages}" />
              </Target>
            </Project>
            """);
        await RunAsync(_folder.FullName, "dotnet", "msbuild", project, "-nologo", "-verbosity:minimal", "-maxcpucount");
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return default;
    }

    /// <summary>Returns a new folder for an application.</summary>
    public string CreateFolder(string name) => _folder.CreateSubdirectory(name).FullName;

    /// <summary>Opens a package of the feed.</summary>
    public ZipArchive Open(string id) => ZipFile.OpenRead(PathOf(id));

    /// <summary>Returns the file of a package.</summary>
    public string PathOf(string id, string extension = "nupkg") => Path.Combine(Packages, $"{id}.{Version}.{extension}");

    /// <summary>Returns the metadata of a package by the names of the elements.</summary>
    public XElement Metadata(string id)
    {
        using ZipArchive package = Open(id);
        using Stream nuspec = package.GetEntry($"{id}.nuspec")!.Open();
        return XDocument.Load(nuspec).Root!.Elements().Single();
    }

    /// <summary>Runs a program that must succeed, in an environment without the packages of earlier runs.</summary>
    /// <returns>What the program printed.</returns>
    public Task<string> RunAsync(string folder, string program, params string[] arguments) =>
        Program.RunAsync(folder, input: "", Environment(), program, arguments);

    /// <inheritdoc cref="RunAsync"/>
    public Task<string> RunWithInputAsync(string folder, string input, string program, params string[] arguments) =>
        Program.RunAsync(folder, input, Environment(), program, arguments);

    /// <summary>Returns the environment variables of programs that use the feed.</summary>
    public Dictionary<string, string?> Environment()
    {
        string profile = System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile);
        var variables = new Dictionary<string, string?>
        {
            ["NUGET_PACKAGES"] = Path.Combine(_folder.FullName, "packages"),
            // Packages of others are used where they are.
            ["NUGET_FALLBACK_PACKAGES"] =
                System.Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(profile, ".nuget", "packages"),
            ["QWEN3_MODEL"] = NanoModels.Instruct,
        };
        if (!OperatingSystem.IsWindows())
        {
            // A machine with the .NET SDK and nothing else: no compiler, no CMake, no Node.js. The SDK starts chmod.
            variables["PATH"] = $"{Program.DotnetFolder}{Path.PathSeparator}{Programs}";
        }

        return variables;
    }
}
