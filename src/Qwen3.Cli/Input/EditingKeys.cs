namespace Qwen3.Cli.Input;

/// <summary>The keys that edit a text, as in shells.</summary>
internal static class EditingKeys
{
    public static void Apply(EditedText edited, ConsoleKeyInfo key)
    {
        Action? edit = (key.Key, key.Modifiers) switch
        {
            (ConsoleKey.LeftArrow, ConsoleModifiers.Control) or (ConsoleKey.B, ConsoleModifiers.Alt) => edited.WordLeft,
            (ConsoleKey.RightArrow, ConsoleModifiers.Control) or (ConsoleKey.F, ConsoleModifiers.Alt) =>
                edited.WordRight,
            (ConsoleKey.LeftArrow, _) or (ConsoleKey.B, ConsoleModifiers.Control) => edited.Left,
            (ConsoleKey.RightArrow, _) or (ConsoleKey.F, ConsoleModifiers.Control) => edited.Right,
            (ConsoleKey.Home, _) or (ConsoleKey.A, ConsoleModifiers.Control) => edited.Home,
            (ConsoleKey.End, _) or (ConsoleKey.E, ConsoleModifiers.Control) => edited.End,
            (ConsoleKey.W, ConsoleModifiers.Control) or (ConsoleKey.Backspace, ConsoleModifiers.Alt) =>
                edited.DeleteWord,
            (ConsoleKey.Backspace, _) => edited.Backspace,
            (ConsoleKey.Delete, _) => edited.Delete,
            (ConsoleKey.U, ConsoleModifiers.Control) => edited.DeleteToLineStart,
            (ConsoleKey.K, ConsoleModifiers.Control) => edited.DeleteToLineEnd,
            // If Alt and a letter produce another letter, that letter arrives without Alt.
            _ when key.KeyChar != 0 && !char.IsControl(key.KeyChar) => () => edited.Insert(key.KeyChar.ToString()),
            (ConsoleKey.Tab, _) => () => edited.Insert("\t"),
            _ => null,
        };
        edit?.Invoke();
    }
}
