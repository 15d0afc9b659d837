namespace Qwen3.Packages.Tests;

/// <summary>Applications outside of the repository that know the packages alone.</summary>
public sealed class ApplicationTests(PackageFeed feed)
{
    [Fact]
    public async Task The_program_of_the_README_answers_with_one_package()
    {
        string folder = feed.CreateFolder("ReadmeApp");
        await feed.RunAsync(folder, "dotnet", "new", "console", "--no-restore");
        await feed.RunAsync(folder, "dotnet", "add", "package", "Qwen3.SemanticKernel", "--version", feed.Version);
        File.WriteAllText(Path.Combine(folder, "Program.cs"), Repository.ReadmeProgram());
        string output = await feed.RunAsync(folder, "dotnet", "run");
        Assert.Equal(Repository.ReadmeBlock("text"), output.Trim());
    }

    [Fact]
    public async Task A_file_based_app_answers()
    {
        string folder = feed.CreateFolder("FileApp"), file = Path.Combine(folder, "hello.cs");
        File.WriteAllText(file, Repository.Replace(
            Repository.Read("samples", "hello.cs"),
            "#:project ../src/Qwen3.SemanticKernel\n",
            $"#:package Qwen3.SemanticKernel@{feed.Version}\n"));
        string output = await feed.RunAsync(folder, "dotnet", "run", file, "--", NanoModels.Instruct);
        Assert.Contains("Anna", output);
    }
}
