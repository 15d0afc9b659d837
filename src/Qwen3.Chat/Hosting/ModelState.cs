namespace Qwen3.Chat.Hosting;

internal enum ModelState
{
    Unloaded,
    Loading,
    Loaded,
    Failed,
    Disposed,
}
