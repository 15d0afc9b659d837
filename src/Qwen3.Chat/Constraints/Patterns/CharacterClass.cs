namespace Qwen3.Chat.Constraints.Patterns;

/// <summary>
/// A set of characters as patterns have them. Regular expressions of JSON schema (ECMA-262) and of .NET differ in what
/// some sets contain: of each character it is known that both have it in the set, that neither has it, or nothing.
/// </summary>
/// <param name="In">The characters that are in the set for both.</param>
/// <param name="Out">The characters that are in the set for neither.</param>
internal sealed record CharacterClass(CharacterSet In, CharacterSet Out)
{
    private static readonly CharacterSet s_word = new(('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z'));
    private static readonly CharacterSet s_space = new(('\t', '\r'), (' ', ' '));

    /// <summary>
    /// Everything but line breaks. As for all sets, characters outside the basic plane, which .NET takes for two, are
    /// not in it.
    /// </summary>
    public static CharacterClass Any { get; } = new(new CharacterSet(('\n', '\n'), ('\r', '\r'), ('\u2028', '\u2029')).Complement(), new(('\n', '\n')));

    // Outside of ASCII: from Latin to Hebrew, from CJK punctuation to Yi, and Hangul have no digits that .NET knows.
    public static CharacterClass Digit { get; } = new(new(('0', '9')), new((0, '0' - 1), ('9' + 1, 0x65F), (0x3000, 0xA61F), (0xAC00, 0xD7A3)));

    // Outside of ASCII: general and CJK punctuation, which .NET has no letters in.
    public static CharacterClass Word { get; } = new(s_word, new([.. new CharacterSet((0, 0x7F)).Except(s_word).Ranges, (0x2010, 0x203E), (0x3000, 0x3004)]));

    public static CharacterClass Space { get; } = new(
        s_space,
        new CharacterSet(
            [.. s_space.Ranges, (0x85, 0x85), (0xA0, 0xA0), (0x1680, 0x1680), (0x180E, 0x180E), (0x2000, 0x200A), (0x2028, 0x2029),
            (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF)]).Complement());

    public static CharacterClass Of(int low, int high) => new(new((low, high)), new CharacterSet((low, high)).Complement());

    public CharacterClass Negate() => new(Out, In);

    public static CharacterClass Union(IReadOnlyList<CharacterClass> classes) => new(
        new(classes.SelectMany(one => one.In.Ranges)),
        new CharacterSet(classes.SelectMany(one => one.Out.Complement().Ranges)).Complement());
}
