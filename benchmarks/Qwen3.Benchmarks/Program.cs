using System.Globalization;
using BenchmarkDotNet.Running;
using Qwen3.Benchmarks;
using Qwen3.LlamaCpp;

const string Usage = """
    Usage:
      synthesize --shape 4b|0.6b|nano --out FILE   write a model of that shape with random weights
      engine --model FILE [--json FILE]            compare the engine with a bare loop over llama.cpp's C API
      contention --model FILE [--json FILE]        compare generation beside busy processes, with libgomp's default spin and ours
      constraints --model FILE [--json FILE]       measure what a grammar costs, with FILE's (random) weights and a nano model's
      agents --model FILE [--json FILE]            measure a plan of independent steps, at the same time and one after the other
      fetch [--size MIB]                           compare fetching a file from this machine with curl | sha256sum
      server [--minutes N]                         compare MapQwen3 with the client in this process, and load it with 64 streams
      pieces [BenchmarkDotNet arguments]           measure the parts that are C# alone
    """;

try
{
    switch (args)
    {
        case ["synthesize", "--shape", string shape, "--out", string path] when ModelShape.Find(shape) is { } found:
            SyntheticModel.Write(found, path);
            Console.WriteLine($"{path}: {new FileInfo(path).Length / 1e9:0.00} GB");
            return 0;
        case ["engine", "--model", string model, .. string[] rest] when rest is [] or ["--json", _]:
            await EngineBenchmark.RunAsync(model, rest.ElementAtOrDefault(1));
            return 0;
        case ["contention", "--model", string model, .. string[] rest] when rest is [] or ["--json", _]:
            await ContentionBenchmark.RunAsync(model, rest.ElementAtOrDefault(1));
            return 0;
        case ["contention-run", string model, string spin]:
            await ContentionBenchmark.MeasureHereAsync(model, spin);
            return 0;
        case ["busy"]:
            ContentionBenchmark.Spin();
            return 0;
        case ["constraints", "--model", string model, .. string[] rest] when rest is [] or ["--json", _]:
            await ConstraintBenchmark.RunAsync(model, rest.ElementAtOrDefault(1));
            return 0;
        case ["agents", "--model", string model, .. string[] rest] when rest is [] or ["--json", _]:
            await AgentsBenchmark.RunAsync(model, rest.ElementAtOrDefault(1));
            return 0;
        case ["fetch", .. string[] rest] when rest is [] or ["--size", _]:
            await FetchBenchmark.RunAsync(int.Parse(rest.ElementAtOrDefault(1) ?? "1024", CultureInfo.InvariantCulture));
            return 0;
        case ["fetch-serve", string size]:
            await FetchBenchmark.ServeAsync(long.Parse(size, CultureInfo.InvariantCulture));
            return 0;
        case ["server", .. string[] rest] when rest is [] or ["--minutes", _]:
            await ServerBenchmark.RunAsync(TimeSpan.FromMinutes(double.Parse(rest.ElementAtOrDefault(1) ?? "2", CultureInfo.InvariantCulture)));
            return 0;
        case ["pieces", .. string[] rest]:
            BenchmarkSwitcher.FromAssembly(typeof(EngineBenchmark).Assembly).Run(rest);
            return 0;
        default:
            Console.Error.WriteLine(Usage);
            return 2;
    }
}
catch (Exception e) when (e is LlamaException or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
