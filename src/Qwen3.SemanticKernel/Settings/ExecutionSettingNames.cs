using System.Collections.Frozen;

namespace Qwen3.SemanticKernel.Settings;

/// <summary>The names of the settings, those that other connectors give to the same, and the ones that are a slip of the pen.</summary>
internal static class ExecutionSettingNames
{
    public const string StopSequences = "stop_sequences";
    public const string ResponseFormat = "response_format";

    private const string Number = "a number";
    private const string WholeNumber = "a whole number";

    // Each name with what its value must be.
    private static readonly FrozenDictionary<string, string> s_own = new Dictionary<string, string>
    {
        ["temperature"] = Number,
        ["top_p"] = Number,
        ["top_k"] = WholeNumber,
        ["min_p"] = Number,
        ["presence_penalty"] = Number,
        ["frequency_penalty"] = Number,
        ["repetition_penalty"] = Number,
        ["max_tokens"] = WholeNumber,
        ["seed"] = WholeNumber,
        [StopSequences] = "a list of strings",
        ["thinking_budget"] = WholeNumber,
        ["reasoning_effort"] = "none, low, medium, high or xhigh",
        ["reasoning_output"] = "none, summary or full",
        [ResponseFormat] = "a format",
        ["tool_mode"] = "auto, none, required or {\"required\": \"Plugin-Function\"}",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenDictionary<string, string> s_others = new Dictionary<string, string>
    {
        ["max_completion_tokens"] = "max_tokens",
        ["max_new_tokens"] = "max_tokens",
        ["num_predict"] = "max_tokens",
        ["stop"] = StopSequences,
        ["random_seed"] = "seed",
        ["repeat_penalty"] = "repetition_penalty",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    // Near a name of this connector, and yet settings of others.
    private static readonly FrozenSet<string> s_lookalikes = new[] { "min_tokens", "top_a", "top_n" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>The setting that a name stands for, in its own spelling, or <see langword="null"/>.</summary>
    public static string? Find(string name) =>
        s_own.ContainsKey(name) ? name.ToLowerInvariant() : s_others.GetValueOrDefault(name);

    /// <summary>What a setting's value must be.</summary>
    public static string Expectation(string name) => s_own[name];

    /// <exception cref="ArgumentException">A name is meant for this connector, and there is no such setting.</exception>
    public static void Check(IEnumerable<string>? names)
    {
        foreach (string name in names ?? [])
        {
            bool isOurs = name.StartsWith("qwen", StringComparison.OrdinalIgnoreCase);
            if (Find(name) is not null || s_lookalikes.Contains(name))
            {
                continue;
            }

            string letters = Letters(isOurs ? name[(name.IndexOf('_', StringComparison.Ordinal) + 1)..] : name);
            (string nearest, int distance) = s_own.Keys.Select(own => (own, Distance(letters, Letters(own)))).MinBy(pair => pair.Item2);
            if (isOurs || distance <= (nearest.Length > 5 ? 2 : 1))
            {
                throw new ArgumentException($"The execution settings have '{name}', which Qwen3 does not know. Did you mean '{nearest}'?");
            }
        }
    }

    /// <exception cref="ArgumentException">A name is another connector's for what has a property of its own here.</exception>
    public static void RefuseOthers(IEnumerable<string>? names)
    {
        foreach (string name in names ?? [])
        {
            if (s_others.TryGetValue(name, out string? own))
            {
                throw new ArgumentException($"The execution settings have '{name}' among their extension data, which is '{own}' here. Set that.");
            }
        }
    }

    private static string Letters(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();

    /// <summary>How many letters must be put in, taken out or changed to make one name of the other.</summary>
    private static int Distance(string left, string right)
    {
        int[] row = [.. Enumerable.Range(0, right.Length + 1)];
        for (int i = 1; i <= left.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= right.Length; j++)
            {
                int changed = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(changed, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
