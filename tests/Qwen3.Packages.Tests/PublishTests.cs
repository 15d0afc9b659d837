using System.Runtime.InteropServices;

namespace Qwen3.Packages.Tests;

/// <summary>The program of the README, published in each of the ways that .NET has.</summary>
public sealed class PublishTests(PackageFeed feed, PublishTests.Application application) : IClassFixture<PublishTests.Application>
{
    private static readonly string[] s_foreignPlatforms = ["win-x64", "osx-arm64", "linux-arm64", "linux-musl-x64"];

    [Fact]
    public async Task A_framework_dependent_application_runs_on_all_platforms()
    {
        string output = await application.PublishAsync("portable");
        Assert.Superset(s_foreignPlatforms.ToHashSet(), NativePlatforms(output));
        await AnswersAsync("dotnet", Path.Combine(output, "App.dll"));
    }

    [Theory]
    [InlineData("self-contained", "--self-contained")]
    [InlineData("single-file", "--self-contained", "-p:PublishSingleFile=true")]
    public async Task An_application_for_this_platform_runs_without_dotnet(string name, params string[] options)
    {
        string output = await application.PublishAsync(name, ["--use-current-runtime", .. options]);
        Assert.Single(NativePlatforms(output));
        await AnswersAsync(Executable(output));
    }

    [Fact]
    public async Task A_trimmed_application_runs_and_no_warning_is_from_these_packages()
    {
        string output = await application.PublishAsync(
            "trimmed", "--use-current-runtime", "-p:PublishTrimmed=true", "-p:TrimmerSingleWarn=false");
        string[] warnings = [.. application.Log.Split('\n').Where(line => line.Contains("warning IL", StringComparison.Ordinal))];
        Assert.DoesNotContain(warnings, line => line.Contains("Qwen3.", StringComparison.Ordinal));
        await AnswersAsync(Executable(output));
    }

    [Fact]
    public async Task An_application_for_another_platform_has_the_libraries_of_that_platform_alone()
    {
        foreach (string platform in s_foreignPlatforms)
        {
            // The program file itself would be fetched for each platform.
            string output = await application.PublishAsync(
                platform, "--runtime", platform, "--no-self-contained", "--no-restore", "-p:UseAppHost=false");
            Assert.Equal([platform], NativePlatforms(output));
            string extension = platform.StartsWith("win", StringComparison.Ordinal) ? ".dll"
                : platform.StartsWith("osx", StringComparison.Ordinal) ? ".dylib"
                : ".so";
            string[] libraries = Directory.GetFiles(Path.Combine(output, "runtimes"), "*", SearchOption.AllDirectories);
            Assert.Contains(libraries, file => Path.GetFileNameWithoutExtension(file) is "llama" or "libllama");
            Assert.All(libraries, file => Assert.EndsWith(extension, file));
            Assert.DoesNotContain(
                Directory.GetFiles(output), file => Path.GetExtension(file) is ".so" or ".dylib" || Path.GetFileName(file) == "llama.dll");
        }
    }

    private async Task AnswersAsync(string program, params string[] arguments) =>
        Assert.Equal(Repository.ReadmeBlock("text"), (await feed.RunAsync(feed.Packages, program, arguments)).Trim());

    private static string Executable(string output) => Path.Combine(output, OperatingSystem.IsWindows() ? "App.exe" : "App");

    private static HashSet<string> NativePlatforms(string output) =>
        [.. Directory.GetDirectories(Path.Combine(output, "runtimes")).Select(folder => Path.GetFileName(folder))];

    /// <summary>An application that is restored once for all platforms.</summary>
    public sealed class Application(PackageFeed feed) : IAsyncLifetime
    {
        private readonly string _folder = feed.CreateFolder("App");

        /// <summary>Gets what the last publishing printed.</summary>
        public string Log { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            // Semantic Kernel's AddFromType finds no constructor in a trimmed application.
            File.WriteAllText(Path.Combine(_folder, "Program.cs"), Repository.Replace(
                Repository.ReadmeProgram(),
                "AddFromType<WeatherPlugin>(\"Weather\")",
                "AddFromFunctions(\"Weather\", [KernelFunctionFactory.CreateFromMethod(WeatherPlugin.GetWeather)])"));
            File.WriteAllText(
                Path.Combine(_folder, "App.csproj"),
                $"""
                <Project Sdk="Microsoft.NET.Sdk">
                  <PropertyGroup>
                    <OutputType>Exe</OutputType>
                    <TargetFramework>net10.0</TargetFramework>
                    <ImplicitUsings>enable</ImplicitUsings>
                    <Nullable>enable</Nullable>
                    <RuntimeIdentifiers>{RuntimeInformation.RuntimeIdentifier};{string.Join(';', s_foreignPlatforms)}</RuntimeIdentifiers>
                  </PropertyGroup>
                  <ItemGroup>
                    <PackageReference Include="Qwen3.SemanticKernel" Version="{feed.Version}" />
                  </ItemGroup>
                </Project>
                """);
            // RuntimeIdentifiers would fetch the program files of all platforms.
            await feed.RunAsync(_folder, "dotnet", "restore", "-p:UseAppHost=false");
        }

        public ValueTask DisposeAsync() => default;

        public async Task<string> PublishAsync(string name, params string[] options)
        {
            string output = Path.Combine(_folder, "..", $"App-{name}");
            Log = await feed.RunAsync(_folder, "dotnet", ["publish", "--output", output, .. options]);
            return output;
        }
    }
}
