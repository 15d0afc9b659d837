using System.Globalization;
using System.Text;
using Spectre.Console;

namespace Qwen3.Cli.Input;

/// <summary>Draws the text that is being entered, in one or several rows, and the cursor.</summary>
internal sealed class InputView(TextWriter output, Func<(int Width, int Height)> size)
{
    private const string Prompt = "> ", Continuation = "  ", Tab = "    ";

    // Some terminals do not report their size.
    private const int DefaultHeight = 23, DefaultWidth = 79;

    private int _cursorRow;

    /// <summary>Starts a new view below the existing output.</summary>
    public void Begin() => _cursorRow = 0;

    public void Draw(string text, int cursor)
    {
        (List<string> rows, int row, int column) = Layout(text, cursor);
        // Of a text that is taller than the terminal, the part around the cursor is shown.
        int height = size().Height is > 1 and int rowsOfTerminal ? rowsOfTerminal - 1 : DefaultHeight;
        int first = Math.Clamp(row - height + 1, 0, Math.Max(0, rows.Count - height));
        List<string> shown = rows.GetRange(first, Math.Min(height, rows.Count - first));
        var frame = new StringBuilder();
        if (_cursorRow > 0)
        {
            frame.Append(CultureInfo.InvariantCulture, $"\e[{_cursorRow}A");
        }

        frame.Append("\r\e[J").AppendJoin("\r\n", shown);
        _cursorRow = row - first;
        int up = shown.Count - 1 - _cursorRow;
        if (up > 0)
        {
            frame.Append(CultureInfo.InvariantCulture, $"\e[{up}A");
        }

        frame.Append(CultureInfo.InvariantCulture, $"\r\e[{column}C");
        output.Write(frame.ToString());
        output.Flush();
    }

    private (List<string> Rows, int CursorRow, int CursorColumn) Layout(string text, int cursor)
    {
        // The last column stays free, so that no terminal wraps the line.
        int width = size().Width is > 8 and int columns ? columns - 1 : DefaultWidth;
        List<string> rows = [];
        var row = new StringBuilder(Prompt);
        int column = Prompt.Length, cursorRow = 0, cursorColumn = column;

        void NewRow()
        {
            rows.Add(row.ToString());
            row.Clear().Append(Continuation);
            column = Continuation.Length;
        }

        for (int i = 0, length; i < text.Length; i += length)
        {
            length = StringInfo.GetNextTextElementLength(text, i);
            string element = text[i] == '\t' ? Tab : text.Substring(i, length);
            bool isBreak = element is "\n" or "\r\n";
            int cells = isBreak ? 0 : element.GetCellWidth();
            if (column + cells > width)
            {
                NewRow();
            }

            if (i <= cursor)
            {
                (cursorRow, cursorColumn) = (rows.Count, column);
            }

            if (isBreak)
            {
                NewRow();
                continue;
            }

            row.Append(element);
            column += cells;
        }

        if (cursor == text.Length)
        {
            (cursorRow, cursorColumn) = (rows.Count, column);
        }

        rows.Add(row.ToString());
        return (rows, cursorRow, cursorColumn);
    }
}
