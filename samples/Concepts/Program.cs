using Concepts;
using Qwen3.LlamaCpp;

if (SampleArguments.Read(args) is not { } arguments)
{
    Console.Error.WriteLine(SampleArguments.Usage);
    return 2;
}

if (arguments.Concept is not { } name)
{
    Console.WriteLine(SampleArguments.Usage);
    return 0;
}

if (Concept.Find(name) is not { Count: > 0 } concepts)
{
    Console.Error.WriteLine($"There is no concept '{name}'.\n\n{SampleArguments.Usage}");
    return 2;
}

try
{
    SampleModels models = arguments.GetModels();
    foreach (Concept concept in concepts)
    {
        Console.WriteLine($"{concept.Name}: {concept.Description}");
        await concept.RunAsync(models);
        Console.WriteLine();
    }

    return 0;
}
catch (Exception e) when (e is LlamaException or FileNotFoundException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
