using System.Globalization;
using System.Text.Json;
using Qwen3.Cli.Diagnosis;

namespace Qwen3.Cli.Tests;

/// <summary>Compares the findings of doctor with this machine.</summary>
public sealed class DoctorCommandTests : IDisposable
{
    private readonly EmptyHome _home = new();

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task The_findings_describe_this_machine()
    {
        string nano = _home.Add("nano.gguf", NanoModels.Instruct);
        _home.Variables["QWEN3_MODEL"] = NanoModels.Thinking;
        _home.Variables["HF_TOKEN"] = "hf_secret";
        CliRun run = await DoctorAsync();
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        JsonElement[] findings = Findings(run);
        Assert.DoesNotContain(findings, finding => Text(finding, "level") == "Problem");
        Assert.StartsWith($"{Environment.ProcessorCount} processors", Of(findings, "processor"));
        Assert.StartsWith("Cpu backend, ", Of(findings, "llama.cpp"));
        Assert.True(File.Exists(Of(findings, "llama.cpp").Split(", ")[^1]));
        Assert.Matches("^[1-9][0-9]* by default, one for each p", Of(findings, "threads"));
        if (OperatingSystem.IsLinux())
        {
            Assert.EndsWith("GOMP_SPINCOUNT=1000", Of(findings, "waiting"));
        }

        Assert.EndsWith($", {Path.Combine(_home.Folder, ".cache", "huggingface", "hub")}", Of(findings, "disk"));
        Assert.InRange(Gibibytes(Of(findings, "disk")), 0, new DriveInfo(_home.Folder).TotalSize / (double)(1L << 30));
        if (OperatingSystem.IsLinux())
        {
            CheckAgainstLinux(findings);
        }

        Assert.Contains(nano, Of(findings, "model"));
        Assert.Contains("Qwen3-Nano-Instruct-2507, Instruct, Q8_0, 26.4 MiB", Of(findings, "model"));
        Assert.Contains(": fits, ", Of(findings, "model"));
        Assert.Contains("Qwen3-Nano-Thinking-2507, Thinking", Of(findings, "QWEN3_MODEL"));
        Assert.StartsWith($"{_home.Models}: ", Of(findings, "QWEN3_MODELS"));
        Assert.StartsWith("set: ", Of(findings, "HF_TOKEN"));
        Assert.DoesNotContain("hf_secret", run.Output);
        Assert.DoesNotContain(findings, finding => Text(finding, "subject") == "HF_ENDPOINT");
    }

    [Fact]
    public async Task It_names_the_settings_of_threads_that_the_environment_makes()
    {
        _home.Variables["QWEN3_MODEL"] = NanoModels.Thinking;
        _home.Variables["DOTNET_PROCESSOR_COUNT"] = "1";
        _home.Variables["OMP_WAIT_POLICY"] = "PASSIVE";
        JsonElement[] findings = Findings(await DoctorAsync());
        Assert.StartsWith("1 by default, ", Of(findings, "threads"));
        Assert.Contains("DOTNET_PROCESSOR_COUNT=1", Of(findings, "threads"));
        if (OperatingSystem.IsLinux())
        {
            Assert.Contains("OMP_WAIT_POLICY=PASSIVE", Of(findings, "waiting"));
        }
    }

    [Fact]
    public async Task Problems_are_reported_with_advice()
    {
        // No model is here.
        CliRun run = await DoctorAsync();
        Assert.Equal(1, run.ExitCode);
        JsonElement problem = Assert.Single(Findings(run), finding => Text(finding, "level") == "Problem");
        Assert.Equal("models", Text(problem, "subject"));
        Assert.Contains("qwen3 pull instruct-2507", Text(problem, "advice"));

        // Nor is a library, and the model that is named is damaged.
        string damaged = Path.Combine(_home.Folder, "damaged.gguf"), empty = _home.Models;
        await File.WriteAllTextAsync(damaged, "GGUF");
        _home.Variables["QWEN3_LLAMA_DIRECTORY"] = empty;
        _home.Variables["QWEN3_MODEL"] = damaged;
        run = await DoctorAsync();
        Assert.Equal(1, run.ExitCode);
        JsonElement[] findings = Findings(run);
        Assert.Contains(empty, Of(findings, "llama.cpp"));
        Assert.Contains("QWEN3_LLAMA_DIRECTORY", Of(findings, "llama.cpp"));
        Assert.Contains(damaged, Of(findings, "QWEN3_MODEL"));
    }

    [Fact]
    public async Task A_model_that_cannot_be_read_is_a_finding()
    {
        string path = Path.Combine(_home.Folder, "locked.gguf");
        await using FileStream locked = new(path, FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        _home.Variables["QWEN3_MODEL"] = path;
        _home.Variables["HF_ENDPOINT"] = "https://user:p@ss/word@hub.example/mirror";
        CliRun run = await DoctorAsync();
        Assert.Equal((1, ""), (run.ExitCode, run.Error));
        Assert.Contains(path, Of(Findings(run), "QWEN3_MODEL"));
        Assert.StartsWith("https://***@hub.example/mirror: ", Of(Findings(run), "HF_ENDPOINT"));
        Assert.DoesNotContain("word@", run.Output);
    }

    [Fact]
    public void A_missing_drive_is_a_finding()
    {
        Finding finding = DiskFinding.Of(OperatingSystem.IsWindows() ? @"Q:\models\hub" : "no-drive/models/hub");
        Assert.Equal(FindingLevel.Warning, finding.Level);
        Assert.Contains("hub", finding.Text);
        Assert.Contains("HF_HUB_CACHE", finding.Advice);
    }

    [Fact]
    public async Task Each_finding_is_a_line_followed_by_its_advice()
    {
        _home.Variables["QWEN3_MODEL"] = "nowhere.gguf";
        CliRun run = await CliRun.OfAsync(_home.Variables, "doctor");
        Assert.Equal(1, run.ExitCode);
        string[] lines = run.Output.Split('\n');
        int line = Array.FindIndex(lines, text => text.StartsWith("problem QWEN3_MODEL: ", StringComparison.Ordinal));
        Assert.Contains("nowhere.gguf", lines[line]);
        Assert.StartsWith("        → ", lines[line + 1]);
        Assert.Contains(lines, text => text.StartsWith("ok      llama.cpp: ", StringComparison.Ordinal));
        Assert.DoesNotContain('\e', run.Output);
    }

    private static void CheckAgainstLinux(JsonElement[] findings)
    {
        string flags = File.ReadLines("/proc/cpuinfo").FirstOrDefault(
            line => line.StartsWith("flags", StringComparison.Ordinal))
            ?? "";
        foreach ((string flag, string name) in ((string, string)[])[("avx2", "AVX2"), ("fma", "FMA"), ("avx512f", "AVX-512")])
        {
            Assert.Equal(flags.Split(' ').Contains(flag), Of(findings, "processor").Split([' ', ',']).Contains(name));
        }

        string line = File.ReadLines("/proc/meminfo").First(
            line => line.StartsWith("MemTotal:", StringComparison.Ordinal));
        double total = long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture) / (double)(
            1 << 20);
        Assert.EndsWith(string.Create(CultureInfo.InvariantCulture, $"of {total:0.0} GiB"), Of(findings, "memory"));
        Assert.InRange(Gibibytes(Of(findings, "memory")), 0, total);
    }

    private static double Gibibytes(string text) => double.Parse(text.Split(" GiB")[0], CultureInfo.InvariantCulture);

    private static JsonElement[] Findings(CliRun run) =>
        [.. JsonDocument.Parse(run.Output).RootElement.EnumerateArray()];

    private static string Of(JsonElement[] findings, string subject) =>
        Text(Assert.Single(findings, finding => Text(finding, "subject") == subject), "text");

    private static string Text(JsonElement finding, string member) => finding.GetProperty(member).GetString()!;

    private Task<CliRun> DoctorAsync() => CliRun.OfAsync(_home.Variables, "doctor", "--json");
}
