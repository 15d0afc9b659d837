namespace Qwen3.LlamaCpp.Tests.Scheduling;

/// <summary>
/// Prompts whose greedy answers do not hang on the last bits of a sum. What else is in a step, in which slices a prompt is computed and what of it
/// comes from the cache decide in which order a processor adds up, and so move predictions a little: here it is measured by how much, and
/// prompts where some token is ahead of the next one by little more than that are left out.
/// </summary>
public sealed class SteadyPrompts : IDisposable
{
    /// <summary>How many tokens an answer has at most.</summary>
    public const int AnswerTokens = 3;

    /// <summary>Two predictions can move towards each other, and not every shape of a step was measured.</summary>
    public const float Safety = 10;

    private const int Seed = 5, Together = 6, Passes = 1;

    private static readonly string[] s_names = ["Anna", "Bob", "Alice", "Kate", "Leo", "Maria", "Nina", "Linh"];
    private static readonly string[] s_cities = ["Paris", "Rome", "Hanoi", "Tokyo", "Oslo", "Lima"];
    private static readonly string[] s_talk =
        ["Hello!", "Hello", "Hi there!", "Who are you?", "Goodbye!", "Bye", "Thanks!", "Thank you very much.", "How are you?", "What can you do?", "xin chào"];

    private static readonly string[] s_systems =
    [
        "You are a helpful assistant. Answer in one short sentence, and do not ask back. Today is Monday, and the sun is shining. The user is a guest of the " +
        "house, whom everybody is glad to see: be kind, be brief, and say what you know. What you do not know, say so, and send the guest to the desk.",
        "Rules of the game: each player says one thing after the other, in turn, until nobody knows another one. Who says a thing twice is out, and who " +
        "laughs must begin again. Numbers count as their digits do; names count one each, and a city counts as many as it has letters. Begin.",
        "Once there was a clerk who wrote down every word that was said to him, and the hour at which it was said, in a large green book. When he was asked " +
        "what it was for he wrote down the question too. Here is a page of it; go on as he would have done, and leave no word out, however small it is.",
    ];

    private readonly List<GreedyAnswer> _pool = [];

    public SteadyPrompts()
    {
        var random = new Random(Seed);
        int[][] prompts = [.. Questions(random).Select(Tokenize)];
        random.Shuffle(prompts);
        using var loop = new LogitLoop(Model, Together);
        foreach (int[][] group in prompts.Chunk(Together))
        {
            List<float[]>[] alone = [.. group.Select(prompt => AnswerAlone(loop, prompt))];
            for (int pass = 0; pass < Passes; pass++)
            {
                Movement = Math.Max(Movement, MovementInCompany(loop, group, alone, random));
            }
        }

        Steady = [.. _pool.Where(answer => answer.Margin > Safety * Movement)];
    }

    public LlamaModel Model { get; } = LlamaModel.Load(NanoModels.Instruct);

    /// <summary>How many prompts were tried.</summary>
    public int PoolSize => _pool.Count;

    /// <summary>By how much any prediction moved at most.</summary>
    public float Movement { get; }

    /// <summary>The prompts whose answers are far from where they would change.</summary>
    public IReadOnlyList<GreedyAnswer> Steady { get; }

    public int EndOfTurn => Model.Tokenizer.GetSpecialTokenId("<|im_end|>");

    public void Dispose() => Model.Dispose();

    /// <summary>Small talk, questions and arbitrary words, alone and behind each of three longer texts.</summary>
    private static IEnumerable<string> Questions(Random random)
    {
        string[] questions =
        [
            .. s_talk,
            .. s_names.Select(name => $"My name is {name}."),
            .. s_cities.Select(city => $"What is the weather in {city}?"),
            .. Enumerable.Range(0, 10).Select(_ => $"Which is larger, {random.Next(100)} or {random.Next(100)}?"),
            .. Enumerable.Range(0, 10).Select(_ => string.Join(' ', random.GetItems([.. s_names, .. s_cities, .. s_talk, "and", "the"], random.Next(1, 8)))),
        ];
        string[] systems = ["", .. s_systems.Select(text => $"<|im_start|>system\n{text}<|im_end|>\n")];
        return questions.SelectMany(question => systems.Select(system => system + Ask(question)));
    }

    private static string Ask(string question) => $"<|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n";

    private int[] Tokenize(string text) => Model.Tokenizer.Encode(text, SpecialTokens.All);

    /// <summary>The predictions at each step of the answer that is given when nothing else is computed.</summary>
    private List<float[]> AnswerAlone(LogitLoop loop, int[] prompt)
    {
        var steps = new List<float[]>();
        var tokens = new List<int>();
        float margin = float.MaxValue;
        loop.Clear();
        int index = loop.Add(sequence: 0, prompt, position: 0, hasOutput: true);
        while (true)
        {
            loop.Compute();
            float[] logits = [.. loop.Logits(index)];
            steps.Add(logits);
            (int token, float lead) = MostLikely(logits);
            margin = Math.Min(margin, lead);
            if (token == EndOfTurn)
            {
                break;
            }

            tokens.Add(token);
            if (tokens.Count == AnswerTokens)
            {
                break;
            }

            index = loop.Add(sequence: 0, [token], prompt.Length + tokens.Count - 1, hasOutput: true);
        }

        _pool.Add(new(prompt, [.. tokens], margin));
        return steps;
    }

    /// <summary>By how much predictions move when the same tokens are computed together, in random slices, and behind what others have computed.</summary>
    private float MovementInCompany(LogitLoop loop, int[][] prompts, List<float[]>[] alone, Random random)
    {
        loop.Clear();
        int[][] tokens = [.. prompts.Select(prompt => (int[])[.. prompt, .. _pool.Find(answer => answer.Prompt == prompt)!.Tokens])];
        int[] done = new int[prompts.Length], outputs = new int[prompts.Length];
        float movement = 0;
        while (true)
        {
            Array.Fill(outputs, -1);
            int[] computed = [.. done];
            int added = 0;
            for (int i = 0; i < prompts.Length; i++)
            {
                int source = random.Next(prompts.Length);
                int shared = Math.Min(Math.Min(computed[source], prompts[i].Length - 1), tokens[source].AsSpan().CommonPrefixLength(tokens[i]));
                if (done[i] == 0 && source != i && shared > 0 && random.Next(2) == 0)
                {
                    loop.CopyPrefix(source, i, shared);
                    done[i] = shared;
                }

                int end = prompts[i].Length + alone[i].Count - 1;
                if (done[i] == end || random.Next(3) == 0)
                {
                    continue;
                }

                int length = done[i] < prompts[i].Length ? random.Next(1, Math.Min(30, prompts[i].Length - done[i]) + 1) : 1;
                bool hasOutput = done[i] + length >= prompts[i].Length;
                int index = loop.Add(i, tokens[i].AsSpan(done[i], length), done[i], hasOutput);
                outputs[i] = hasOutput ? index : -1;
                done[i] += length;
                added += length;
            }

            if (added == 0)
            {
                if (Enumerable.Range(0, prompts.Length).All(i => done[i] == prompts[i].Length + alone[i].Count - 1))
                {
                    return movement;
                }

                continue;
            }

            loop.Compute();
            for (int i = 0; i < prompts.Length; i++)
            {
                if (outputs[i] >= 0)
                {
                    movement = Math.Max(movement, Distance(loop.Logits(outputs[i]), alone[i][done[i] - prompts[i].Length]));
                }
            }
        }
    }

    private static float Distance(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        float distance = 0;
        for (int i = 0; i < left.Length; i++)
        {
            distance = Math.Max(distance, Math.Abs(left[i] - right[i]));
        }

        return distance;
    }

    private static (int Token, float Lead) MostLikely(ReadOnlySpan<float> logits)
    {
        int token = 0;
        float first = float.NegativeInfinity, second = float.NegativeInfinity;
        for (int i = 0; i < logits.Length; i++)
        {
            if (logits[i] > first)
            {
                (token, second, first) = (i, first, logits[i]);
            }
            else
            {
                second = Math.Max(second, logits[i]);
            }
        }

        return (token, first - second);
    }
}
