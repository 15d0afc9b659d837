namespace FunctionCalling;

/// <summary>The sample's command line.</summary>
internal sealed record SampleArguments(string? Model, string? Prompt)
{
    public const string Usage = """
        Usage: dotnet run --project samples/FunctionCalling [-- [--model PATH] [--prompt TEXT]]

          --model PATH    a Qwen3 model in GGUF format; the default is the two nano models of this repository
          --prompt TEXT   what to ask
        """;

    /// <summary>Reads the arguments; <see langword="null"/> if they are invalid.</summary>
    public static SampleArguments? Read(string[] args)
    {
        var result = new SampleArguments(null, null);
        for (int i = 0; i < args.Length; i += 2)
        {
            string? value = i + 1 < args.Length ? args[i + 1] : null;
            switch (args[i])
            {
                case "--model" when value is not null:
                    result = result with { Model = value };
                    break;
                case "--prompt" when value is not null:
                    result = result with { Prompt = value };
                    break;
                default:
                    return null;
            }
        }

        return result;
    }
}
