using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Qwen3.EndToEnd.Tests;

/// <summary>Every C# block of the README and the documentation compiles with the namespaces that its page prints.</summary>
public sealed partial class CodeBlockTests
{
    // What the SDK imports by itself in a console application.
    private const string ImplicitUsings =
        """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    // The reader's own application, as far as the blocks refer to it. A block that declares the same name hides it.
    private const string Application =
        """
        global using static Application;
        using Microsoft.Extensions.AI;

        public static class Application
        {
            public static Microsoft.SemanticKernel.IKernelBuilder builder => null!;
            public static Microsoft.SemanticKernel.Kernel kernel => null!;
            public static Microsoft.Extensions.DependencyInjection.IServiceCollection services => null!;
            public static Microsoft.Extensions.Logging.ILogger logger => null!;
            public static Qwen3.Chat.Qwen3ChatClient model => null!;
            public static Qwen3.LlamaCpp.InferenceEngine engine => null!;
            public static Qwen3.Agents.Qwen3Workflow workflow => null!;
            public static Qwen3.Agents.Qwen3WorkflowOptions options => null!;
            public static Microsoft.Agents.AI.Workflows.StreamingRun run => null!;
            public static Microsoft.Agents.AI.Workflows.WorkflowEvent happened => null!;
            public static Microsoft.SemanticKernel.ChatMessageContent answer => null!;
            public static int[] prompt => [];
            public static int end => 0;
            public static Forecast GetForecast(string city) => new(city, 21);
            public static IChatClient client => null!;
            public static IChatClient server => null!;
            public static IChatClient thinking => null!;
            public static IChatClient instruct => null!;
            public static AIFunction weather => null!;
            public static AIFunction mail => null!;
            public static CancellationToken cancellationToken => default;
            public static string goal => "";
            public static string key => "";
            public static string instructPath => "";
            public static string thinkingPath => "";
            public static void Show(object shown) { }
            public static void Write(int? step, string text) { }
            public static void Think(int? step, string text) { }
        }

        public sealed record Order(int Id, string Item);

        public sealed record Forecast(string City, int Degrees);

        public sealed record Person(string Name, int Age, string City);
        """;

    private static readonly string s_root = Directory.GetParent(Path.GetDirectoryName(NanoModels.Instruct)!)!.FullName;

    private static readonly MetadataReference[] s_references =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(path => !Path.GetFileName(path).Contains("Tests", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path))];

    public static TheoryData<string> Pages() =>
        [.. Directory.EnumerateFiles(Path.Combine(s_root, "docs"), "*.md")
            .Prepend(Path.Combine(s_root, "README.md"))
            .Where(path => Block().IsMatch(File.ReadAllText(path)))
            .Select(path => Path.GetRelativePath(s_root, path))];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Its_blocks_compile(string page)
    {
        var usings = new List<string>();
        var failures = new List<string>();
        foreach (Match match in Block().Matches(File.ReadAllText(Path.Combine(s_root, page))))
        {
            string code = match.Groups["code"].Value;
            // Blocks below continue in the reader's file.
            string own = string.Join('\n', Using().Matches(code).Select(found => found.Value));
            string before = string.Join('\n', usings.Where(line => !own.Contains(line, StringComparison.Ordinal)));
            usings.AddRange(Using().Matches(code).Select(found => found.Value).Where(line => !usings.Contains(line)));
            failures.AddRange(Errors(page, $"{before}\n{code}").Select(error => $"{error}\n{code}\n"));
        }

        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    private static IEnumerable<string> Errors(string page, string code)
    {
        // The page on the engine has another kind of model.
        string application = page.Contains("llama-cpp", StringComparison.Ordinal)
            ? Application.Replace("Qwen3.Chat.Qwen3ChatClient model", "Qwen3.LlamaCpp.LlamaModel model", StringComparison.Ordinal)
            : Application;
        var options = new CSharpParseOptions(LanguageVersion.Preview);
        SyntaxTree[] trees = [.. ((string[])[ImplicitUsings, application, code]).Select(text => CSharpSyntaxTree.ParseText(text, options))];
        var compilation = CSharpCompilation.Create(
            "block", trees, s_references, new(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable));
        CSharpGeneratorDriver.Create([JsonGenerator()], parseOptions: options)
            .RunGeneratorsAndUpdateCompilation(compilation, out Compilation whole, out _);
        // Experimental parts of other libraries are theirs to announce.
        return whole.GetDiagnostics()
            .Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error && !Experimental().IsMatch(diagnostic.Id))
            .Select(diagnostic => $"{diagnostic.Id}: {diagnostic.GetMessage()}");
    }

    /// <summary>The generator of System.Text.Json, which is part of the SDK.</summary>
    private static ISourceGenerator JsonGenerator()
    {
        string packs = Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "packs", "Microsoft.NETCore.App.Ref");
        string path = Directory
            .EnumerateFiles(packs, "System.Text.Json.SourceGeneration.dll", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .Last();
        Type type = Assembly.LoadFrom(path).GetType("System.Text.Json.SourceGeneration.JsonSourceGenerator", throwOnError: true)!;
        return ((IIncrementalGenerator)Activator.CreateInstance(type)!).AsSourceGenerator();
    }

    [GeneratedRegex(@"^```csharp\n(?<code>.*?)\n```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"^using [\w.]+;", RegexOptions.Multiline)]
    private static partial Regex Using();

    [GeneratedRegex("^(SKEXP|MEAI|MAAI)")]
    private static partial Regex Experimental();
}
