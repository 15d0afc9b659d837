using Qwen3.Cli.Input;

namespace Qwen3.Cli.Tests;

public sealed class InputTests
{
    [Fact]
    public void The_cursor_moves_by_grapheme_clusters()
    {
        var edited = new EditedText();
        // A family is eleven chars, and the e has its accent apart.
        edited.Set("a👨‍👩‍👧‍👦e\u0301");
        edited.Left();
        edited.Left();
        Assert.Equal(1, edited.Cursor);
        edited.Delete();
        Assert.Equal("ae\u0301", edited.Text);
        edited.End();
        edited.Backspace();
        edited.Backspace();
        edited.Backspace();
        Assert.Equal(("", 0), (edited.Text, edited.Cursor));
    }

    [Fact]
    public void Words_and_lines_are_moved_over_and_deleted()
    {
        var edited = new EditedText();
        edited.Set("one two\nthree four\nfive");
        Assert.True(edited.Up());
        Assert.Equal("one two\nthre".Length, edited.Cursor);
        edited.WordRight();
        edited.WordRight();
        Assert.True(edited.Down());
        Assert.Equal(edited.Text.Length, edited.Cursor);
        Assert.False(edited.Down());
        Assert.True(edited.Up());
        Assert.True(edited.Up());
        Assert.False(edited.Up());
        edited.WordLeft();
        edited.DeleteToLineEnd();
        Assert.Equal("\nthree four\nfive", edited.Text);
        edited.Right();
        edited.End();
        edited.DeleteWord();
        edited.DeleteToLineStart();
        Assert.Equal("\n\nfive", edited.Text);
        edited.Home();
        edited.Insert("x");
        Assert.Equal("\nx\nfive", edited.Text);
    }

    [Fact]
    public void What_was_entered_comes_back_and_what_was_not_is_kept()
    {
        var history = new InputHistory();
        Assert.Null(history.Previous("half"));
        history.Add("first");
        history.Add("second");
        history.Add("second");
        Assert.Equal("second", history.Previous("half"));
        Assert.Equal("first", history.Previous("second"));
        Assert.Null(history.Previous("first"));
        Assert.Equal("second", history.Next());
        Assert.Equal("half", history.Next());
        Assert.Null(history.Next());
    }

    [Theory]
    [InlineData("ab", 1, "\r\e[J> ab\r\e[3C")]
    // Wide letters take two columns, and what does not fit begins a row.
    [InlineData("你好你好好", 5, "\r\e[J> 你好你\r\n  好好\r\e[6C")]
    [InlineData("a\nb", 1, "\r\e[J> a\r\n  b\e[1A\r\e[3C")]
    [InlineData("a\tb", 3, "\r\e[J> a    b\r\e[8C")]
    // Of what is taller than the terminal the rows around the cursor are shown.
    [InlineData("1\n2\n3\n4", 7, "\r\e[J  3\r\n  4\r\e[3C")]
    public void Rows_are_drawn_around_the_cursor(string text, int cursor, string drawn)
    {
        using var output = new StringWriter();
        new InputView(output, () => (10, 3)).Draw(text, cursor);
        Assert.Equal(drawn, output.ToString());
    }

    [Fact]
    public async Task Piped_lines_are_messages_and_a_backslash_joins_them()
    {
        var reader = new PlainLineReader(new StringReader("one\ntwo\\\nthree\n\nfour\\"), TextWriter.Null);
        Assert.Equal("one", await reader.ReadAsync(default));
        Assert.Equal("two\nthree", await reader.ReadAsync(default));
        Assert.Equal("", await reader.ReadAsync(default));
        Assert.Equal("four\n", await reader.ReadAsync(default));
        Assert.Null(await reader.ReadAsync(default));
    }
}
