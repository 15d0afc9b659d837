using System.Globalization;

namespace Qwen3.Cli.Input;

/// <summary>A text with a cursor, which moves by grapheme clusters.</summary>
internal sealed class EditedText
{
    public string Text { get; private set; } = "";

    public int Cursor { get; private set; }

    private int LineStart => Text.AsSpan(0, Cursor).LastIndexOf('\n') + 1;

    private int LineEnd => Text.IndexOf('\n', Cursor) is >= 0 and int end ? end : Text.Length;

    public void Set(string text) => (Text, Cursor) = (text, text.Length);

    public void Insert(string text) => (Text, Cursor) = (Text.Insert(Cursor, text), Cursor + text.Length);

    public void Left() => Cursor = Before(Cursor);

    public void Right() => Cursor = After(Cursor);

    public void Home() => Cursor = LineStart;

    public void End() => Cursor = LineEnd;

    public void WordLeft() => Cursor = WordStart();

    public void WordRight()
    {
        int position = Cursor;
        while (position < Text.Length && char.IsWhiteSpace(Text[position]))
        {
            position++;
        }

        while (position < Text.Length && !char.IsWhiteSpace(Text[position]))
        {
            position++;
        }

        Cursor = position;
    }

    public void Backspace() => Remove(Before(Cursor), Cursor);

    public void Delete() => Remove(Cursor, After(Cursor));

    public void DeleteWord() => Remove(WordStart(), Cursor);

    public void DeleteToLineStart() => Remove(LineStart, Cursor);

    public void DeleteToLineEnd() => Remove(Cursor, LineEnd);

    /// <summary>Moves to the line above. Returns <see langword="false"/> if there is none.</summary>
    public bool Up() => LineStart > 0 && MoveTo(LineStart - 1, Cursor - LineStart);

    /// <summary>Moves to the line below. Returns <see langword="false"/> if there is none.</summary>
    public bool Down()
    {
        int column = Cursor - LineStart, below = LineEnd + 1;
        if (below > Text.Length)
        {
            return false;
        }

        Cursor = below;
        return MoveTo(LineEnd, column);
    }

    private bool MoveTo(int lineEnd, int column)
    {
        Cursor = lineEnd;
        Cursor = Math.Min(LineStart + column, lineEnd);
        // Not into the middle of a grapheme cluster.
        Cursor = Cursor < Text.Length ? Before(Cursor + 1) : Cursor;
        return true;
    }

    private void Remove(int start, int end) => (Text, Cursor) = (Text.Remove(start, end - start), start);

    private int WordStart()
    {
        int position = Cursor;
        while (position > 0 && char.IsWhiteSpace(Text[position - 1]))
        {
            position--;
        }

        while (position > 0 && !char.IsWhiteSpace(Text[position - 1]))
        {
            position--;
        }

        return position;
    }

    private int Before(int position) =>
        StringInfo.ParseCombiningCharacters(Text).LastOrDefault(start => start < position);

    private int After(int position) =>
        position < Text.Length ? position + StringInfo.GetNextTextElementLength(Text, position) : position;
}
