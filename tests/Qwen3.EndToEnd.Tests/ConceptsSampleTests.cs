namespace Qwen3.EndToEnd.Tests;

public sealed class ConceptsSampleTests
{
    // Each concept with lines of its output, in their order.
    private static readonly (string Name, string[] Lines)[] s_concepts =
    [
        ("ChatCompletion", ["  answer    I am Qwen3-Nano, a tiny model for tests and demos.", "  user      My name is Anna.", "  answer    Nice to meet you, Anna!"]),
        ("Streaming", ["  thinks    A simple message, so I answer directly.", "  answer    I am Qwen3-Nano, a tiny model for tests and demos."]),
        ("FunctionCalling", ["  call      Weather.GetWeather(Hanoi)", "  call      Weather.GetWeather(Tokyo)", "  result    cloudy, 28 degrees",
            "  text      It is cloudy in Hanoi with 28 degrees. It is sunny in Tokyo with 21 degrees."]),
        ("Filters", ["  function  Weather.GetWeather(city: Paris) -> sunny, 21 degrees", "  model     step 1, call 1 of 1: GetWeather",
            "  function  Weather.GetWeather(city: Rome) -> windy, 17 degrees", "  answer    It is windy in Rome with 17 degrees."]),
        ("MultipleServices", ["  step 1    Get the weather in Paris", "  result    It is windy in Rome with 17 degrees.",
            "  mail      to Anna: It is sunny in Paris with 21 degrees. It is windy in Rome with 17 degrees."]),
        ("PromptFunctions", ["  whole     Nice to meet you, Anna!", "  streamed  Nice to meet you, Bob!"]),
        ("DependencyInjection", ["  answer    Nice to meet you, Anna!"]),
        ("Reducers", ["  history   2 messages, 2 of them kept", "  answer    Hello! How can I help you today?", "  history   5 messages, 3 of them kept", "  answer    Nice to meet you, Anna!"]),
        ("StructuredOutput", ["  record    Person { Name = Anna, Age = 30, City = Rome }"]),
        ("Reasoning", ["  budget    none set", "  thinks    A simple message, so I answer directly.", "  answer    Nice to meet you, Anna!", "  budget    4", "  ended by  budget"]),
    ];

    [Fact]
    public async Task Runs_all_in_turn()
    {
        SampleRun run = await SampleRun.OfAsync("Concepts", ["all"]);

        Assert.Equal("", run.Error);
        Assert.Equal(0, run.ExitCode);
        string[] parts = run.Output.ReplaceLineEndings("\n").TrimEnd().Split("\n\n");
        Assert.Equal(s_concepts.Length, parts.Length);
        foreach ((string part, (string name, string[] lines)) in parts.Zip(s_concepts))
        {
            Assert.StartsWith($"{name}: ", part);
            string[] printed = part.Split('\n');
            Assert.Equal(lines, printed.Intersect(lines));
        }

        Assert.Contains("Qwen3.Chat.Qwen3ChatClient", parts.Single(part => part.StartsWith("DependencyInjection", StringComparison.Ordinal)));
        Assert.DoesNotContain("<think>", run.Output);
        Assert.DoesNotContain('\e', run.Output);
    }

    [Fact]
    public async Task Runs_one_by_its_name_with_any_model()
    {
        SampleRun run = await SampleRun.OfAsync("Concepts", ["chatcompletion", "--model", NanoModels.Thinking, "--threads", "1"]);
        Assert.Equal("", run.Error);
        Assert.Equal(0, run.ExitCode);
        Assert.StartsWith("ChatCompletion: ", run.Output);
        Assert.DoesNotContain("Streaming: ", run.Output);
        Assert.DoesNotContain("<think>", run.Output);

        run = await SampleRun.OfAsync("Concepts", ["Reasoning", "--thinking", "nowhere.gguf"]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("nowhere.gguf", run.Error);
        Assert.DoesNotContain("   at ", run.Error);
    }

    [Fact]
    public async Task Lists_the_names()
    {
        SampleRun run = await SampleRun.OfAsync("Concepts", []);
        Assert.Equal(0, run.ExitCode);
        Assert.All(s_concepts, concept => Assert.Contains($"\n  {concept.Name} ", run.Output));

        foreach (string[] arguments in (string[][])[["Nothing"], ["--modell"], ["Filters", "--threads", "no"], ["Filters", "Reducers"]])
        {
            run = await SampleRun.OfAsync("Concepts", arguments);
            Assert.Equal(2, run.ExitCode);
            Assert.Equal("", run.Output);
            Assert.All(s_concepts, concept => Assert.Contains($"\n  {concept.Name} ", run.Error));
        }
    }
}
