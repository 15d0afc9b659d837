namespace Qwen3.Chat.Constraints;

/// <summary>Repeats a rule. llama.cpp refuses counts from 2000 on, or forgets them, and its rules grow with the count: large ones are made of blocks.</summary>
internal static class Repetition
{
    /// <summary>The largest count.</summary>
    public const int Limit = 1_000_000;

    private const int Block = 100;

    /// <summary>A rule so and so many times.</summary>
    /// <param name="builder">Where rules of blocks go.</param>
    /// <param name="rule">The name of a rule that is never empty.</param>
    /// <param name="min">At least, up to <see cref="Limit"/>.</param>
    /// <param name="max">At most, up to <see cref="Limit"/>, or null for no limit.</param>
    /// <returns>An expression beside which anything may stand; the empty text for no times.</returns>
    public static string Of(GrammarBuilder builder, string rule, int min, int? max) => (min, max) switch
    {
        (_, 0) => "",
        (1, 1) => rule,
        (0, 1) => $"{rule}?",
        (0, null) => $"{rule}*",
        (1, null) => $"{rule}+",
        ( < 2 * Block, null) => $"{rule}{{{min},}}",
        (_, null) => Gbnf.Sequence(Exactly(builder, rule, min), $"{rule}*"),
        ( < 2 * Block, < 2 * Block) => min == max ? $"{rule}{{{min}}}" : $"{rule}{{{min},{max}}}",
        _ => Gbnf.Sequence(Exactly(builder, rule, min), UpTo(builder, rule, max.Value - min)),
    };

    private static string Exactly(GrammarBuilder builder, string rule, int count) => count switch
    {
        0 => "",
        1 => rule,
        < 2 * Block => $"{rule}{{{count}}}",
        _ => Gbnf.Sequence(Exactly(builder, BlockOf(builder, rule), count / Block), Exactly(builder, rule, count % Block)),
    };

    private static string UpTo(GrammarBuilder builder, string rule, int count)
    {
        if (count < 2 * Block)
        {
            return count switch { 0 => "", 1 => $"{rule}?", _ => $"{rule}{{0,{count}}}" };
        }

        // Each count in one way only: some blocks and less than another one, or all the blocks and what is left.
        string block = BlockOf(builder, rule);
        string fewer = Gbnf.Sequence(UpTo(builder, block, (count / Block) - 1), $"{rule}{{0,{Block - 1}}}");
        string all = Gbnf.Sequence(Exactly(builder, block, count / Block), UpTo(builder, rule, count % Block));
        return builder.Add($"{fewer} | {all}", $"{rule}-up-to-{count}");
    }

    private static string BlockOf(GrammarBuilder builder, string rule) => builder.Add($"{rule}{{{Block}}}", $"{rule}-{Block}");
}
