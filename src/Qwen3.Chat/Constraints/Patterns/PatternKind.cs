namespace Qwen3.Chat.Constraints.Patterns;

/// <summary>What a part of a pattern is.</summary>
internal enum PatternKind
{
    /// <summary>One character of a set.</summary>
    Character,

    /// <summary>Any character of a JSON string, any number of times: what stands around a pattern that is not anchored.</summary>
    Anything,

    /// <summary>One part after the other; nothing, if there are none.</summary>
    Sequence,

    /// <summary>One of the parts.</summary>
    Alternatives,

    /// <summary>A part, so and so many times.</summary>
    Repetition,

    /// <summary>Where the text starts.</summary>
    Start,

    /// <summary>Where the text ends.</summary>
    End,
}
