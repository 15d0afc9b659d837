using System.Text;
using Qwen3.Agents;
using Spectre.Console;

namespace PlanAndExecute.Display;

/// <summary>A step in the tree.</summary>
internal sealed class StepView(PlanStep step)
{
    private static readonly Style s_dim = new(decoration: Decoration.Dim);

    private readonly List<(string Text, Style Style)> _lines = [];
    private readonly StringBuilder _reasoning = new();
    private readonly StringBuilder _text = new();

    public StepStatus Status { get; set; }

    public bool HasBegun => Status != StepStatus.Waiting || _lines.Count > 0;

    public void Think(string piece) => _reasoning.Append(piece);

    public void Write(string piece) => _text.Append(piece);

    /// <summary>Adds a line below what the model has written, or in its place.</summary>
    public void Add(string line, Style? style = null)
    {
        if (_reasoning.Length > 0)
        {
            _lines.Add(($"{_reasoning}", s_dim));
        }

        _reasoning.Clear();
        _text.Clear();
        _lines.Add((line, style ?? Style.Plain));
    }

    public TreeNode ToNode()
    {
        (string status, Color color) = Status switch
        {
            StepStatus.Running => ("running", Color.Yellow),
            StepStatus.AwaitingApproval => ("waiting for you", Color.Yellow),
            StepStatus.Done => ("done", Color.Green),
            StepStatus.Refused => ("refused by you", Color.Red),
            StepStatus.Failed => ("failed", Color.Red),
            StepStatus.Dropped => ("dropped", Color.Grey),
            _ => ("waiting", Color.Grey),
        };
        var node = new TreeNode(new Columns(new Text(Wording.Of(step)), new Text(status, color)) { Expand = false });
        foreach ((string text, Style style) in _lines)
        {
            node.AddNode(new Text(text, style));
        }

        if (_reasoning.Length > 0)
        {
            node.AddNode(new Text($"{_reasoning}", s_dim));
        }

        if (_text.Length > 0)
        {
            node.AddNode(new Text($"{_text}"));
        }

        return node;
    }
}
