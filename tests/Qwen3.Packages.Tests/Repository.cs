using System.Text.RegularExpressions;

namespace Qwen3.Packages.Tests;

/// <summary>What the tests read in the repository.</summary>
internal static partial class Repository
{
    public static string Root { get; } = Path.GetDirectoryName(Path.GetDirectoryName(NanoModels.Instruct))!;

    /// <summary>Gets the configuration that the tests were built in, and with them the packages.</summary>
    public static string Configuration { get; } = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    /// <summary>Gets the packages' names.</summary>
    public static string[] PackageIds { get; } = [.. Directory.GetDirectories(Path.Combine(Root, "src")).Select(folder => Path.GetFileName(folder))];

    public static string Read(params string[] path) =>
        File.ReadAllText(Path.Combine([Root, .. path])).ReplaceLineEndings("\n");

    /// <summary>Returns the README's first block in a language.</summary>
    public static string ReadmeBlock(string language) =>
        Block().Matches(Read("README.md")).First(block => block.Groups["language"].Value == language).Groups["text"].Value;

    /// <summary>Returns the README's first program with the nano model in place of Qwen3-4B, and without sampling.</summary>
    public static string ReadmeProgram() => Replace(
        Replace(ReadmeBlock("csharp"), "Qwen3Models.Instruct2507", $"@\"{NanoModels.Instruct}\""),
        "FunctionChoiceBehavior.Auto()",
        "FunctionChoiceBehavior.Auto(), ExtensionData = new Dictionary<string, object> { [\"temperature\"] = 0 }");

    /// <summary>Replaces a text that must be there.</summary>
    public static string Replace(string text, string old, string replacement)
    {
        Assert.Contains(old, text);
        return text.Replace(old, replacement, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^```(?<language>\w+)\n(?<text>.*?)\n```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
