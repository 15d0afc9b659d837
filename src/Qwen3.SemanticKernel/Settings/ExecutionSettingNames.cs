using System.Collections.Frozen;

namespace Qwen3.SemanticKernel.Settings;

/// <summary>The names of the settings, the names that other connectors give to them, and misspelled ones.</summary>
internal static class ExecutionSettingNames
{
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
        ["stop_sequences"] = "a list of strings",
        ["thinking_budget"] = WholeNumber,
        ["reasoning_effort"] = "none, low, medium, high or xhigh",
        ["reasoning_output"] = "none, summary or full",
        ["response_format"] = "a format",
        ["tool_mode"] = "auto, none, required or {\"required\": \"Plugin-Function\"}",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenDictionary<string, string> s_others = new Dictionary<string, string>
    {
        ["max_completion_tokens"] = "max_tokens",
        ["max_new_tokens"] = "max_tokens",
        ["num_predict"] = "max_tokens",
        ["stop"] = "stop_sequences",
        ["random_seed"] = "seed",
        ["repeat_penalty"] = "repetition_penalty",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The setting that a name stands for, in its own spelling, or <see langword="null"/>.</summary>
    public static string? Find(string name) =>
        s_own.ContainsKey(name) ? name.ToLowerInvariant() : s_others.GetValueOrDefault(name);

    /// <summary>The setting that a property of another class is named after, or <see langword="null"/>.</summary>
    public static string? FindProperty(string name) =>
        s_own.Keys.Concat(s_others.Keys).FirstOrDefault(own => Letters(own) == Letters(name));

    /// <summary>What a setting's value must be.</summary>
    public static string Expectation(string name) => s_own[name];

    /// <exception cref="ArgumentException">A name is misspelled.</exception>
    public static void Check(IEnumerable<string>? names)
    {
        foreach (string name in names ?? [])
        {
            bool isOurs = name.StartsWith("qwen", StringComparison.OrdinalIgnoreCase);
            if (Find(name) is not null || UnsupportedSettings.Contains(name))
            {
                continue;
            }

            string letters = Letters(isOurs ? name[(name.IndexOf('_', StringComparison.Ordinal) + 1)..] : name);
            (string nearest, int distance) = s_own
                .Keys.Select(own => (own, Distance(letters, Letters(own))))
                .MinBy(pair => pair.Item2);
            if (isOurs || distance <= (nearest.Length > 5 ? 2 : 1))
            {
                throw new ArgumentException(
                    $"The execution settings have '{name}', which is not a setting of Qwen3. "
                        + $"Did you mean '{nearest}'?");
            }
        }
    }

    /// <summary>Refuses another connector's name for a setting that has a property of its own here.</summary>
    /// <exception cref="ArgumentException">There is such a name.</exception>
    public static void RefuseOthers(IEnumerable<string>? names)
    {
        foreach (string name in names ?? [])
        {
            if (s_others.TryGetValue(name, out string? own))
            {
                throw new ArgumentException(
                    $"The extension data of the execution settings have '{name}', which is '{own}' here. Set '{own}'.");
            }
        }
    }

    private static string Letters(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();

    /// <summary>The Levenshtein distance of two names.</summary>
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
