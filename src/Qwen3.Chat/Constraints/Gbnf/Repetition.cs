namespace Qwen3.Chat.Constraints;

/// <summary>Repeats a rule. Rules grow with the count, so that large ones are made of blocks.</summary>
internal static class Repetition
{
    /// <summary>The largest count.</summary>
    public const int Limit = 1_000_000;

    private const int Block = 100;

    /// <summary>A rule so and so many times.</summary>
    /// <param name="builder">Where rules of blocks go.</param>
    /// <param name="rule">A rule that is never empty.</param>
    /// <param name="min">At least, up to <see cref="Limit"/>.</param>
    /// <param name="max">At most, up to <see cref="Limit"/>, or null for no limit.</param>
    /// <returns>The expression; the empty one for no times.</returns>
    public static Expression Of(GrammarBuilder builder, Expression rule, int min, int? max) => (min, max) switch
    {
        (_, 0) => Expression.Empty,
        ( < 2 * Block, null or < 2 * Block) => rule.Repeat(min, max),
        (_, null) => Exactly(builder, rule, min) + rule.Star(),
        _ => Exactly(builder, rule, min) + UpTo(builder, rule, max.Value - min),
    };

    private static Expression Exactly(GrammarBuilder builder, Expression rule, int count) => count < 2 * Block
        ? rule.Times(count)
        : Exactly(builder, BlockOf(builder, rule), count / Block) + Exactly(builder, rule, count % Block);

    private static Expression UpTo(GrammarBuilder builder, Expression rule, int count)
    {
        if (count < 2 * Block)
        {
            return rule.Repeat(0, count);
        }

        // Each count in one way only: some blocks and less than another one, or all the blocks and what is left.
        Expression block = BlockOf(builder, rule);
        Expression fewer = UpTo(builder, block, (count / Block) - 1) + rule.Repeat(0, Block - 1);
        Expression all = Exactly(builder, block, count / Block) + UpTo(builder, rule, count % Block);
        return builder.Add(fewer | all, $"{rule.Target?.Name}-up-to-{count}");
    }

    private static Expression BlockOf(GrammarBuilder builder, Expression rule) => builder.Add(rule.Times(Block), $"{rule.Target?.Name}-{Block}");
}
