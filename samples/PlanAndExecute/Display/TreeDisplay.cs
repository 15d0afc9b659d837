using System.Threading.Channels;
using Microsoft.Agents.AI.Workflows;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace PlanAndExecute.Display;

/// <summary>A tree that is drawn anew with each thing that happens.</summary>
internal sealed class TreeDisplay : IDisplay
{
    private readonly WorkflowView _view = new();
    private Channel<IRenderable>? _frames;
    private Task _drawing = Task.CompletedTask;

    public TreeDisplay() => Console.CancelKeyPress += (_, _) => AnsiConsole.Cursor.Show();

    public void Show(WorkflowEvent happened)
    {
        _view.Apply(happened);
        if (_frames is null)
        {
            // What is drawn too late is not drawn.
            _frames = Channel.CreateBounded<IRenderable>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
            _drawing = DrawAsync(_frames.Reader);
        }

        _frames.Writer.TryWrite(_view.Render(isWhole: false));
    }

    public async ValueTask PauseAsync()
    {
        if (_frames is not null)
        {
            _frames.Writer.Complete();
            _frames = null;
            await _drawing;
            AnsiConsole.Write(_view.Render(isWhole: true));
        }
    }

    public ValueTask DisposeAsync() => PauseAsync();

    private static Task DrawAsync(ChannelReader<IRenderable> frames) => AnsiConsole
        .Live(new Rows())
        .AutoClear(true)
        .Overflow(VerticalOverflow.Ellipsis)
        .Cropping(VerticalOverflowCropping.Top)
        .StartAsync(async live =>
        {
            await foreach (IRenderable frame in frames.ReadAllAsync())
            {
                live.UpdateTarget(frame);
            }
        });
}
