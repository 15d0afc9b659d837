namespace Qwen3.Benchmarks;

/// <summary>The numbers of a Qwen3 model. Source: the config.json of Qwen/Qwen3-4B-Instruct-2507 and of Qwen/Qwen3-0.6B.</summary>
internal sealed record ModelShape(string Name, int Layers, int Width, int Heads, int KeyValueHeads, int HeadLength, int FeedForward, int Context, bool HasKQuants)
{
    public static ModelShape? Find(string name) => name switch
    {
        "4b" => new("Synthetic-Qwen3-4B", 36, 2560, 32, 8, 128, 9728, 262_144, HasKQuants: true),
        "0.6b" => new("Synthetic-Qwen3-0.6B", 28, 1024, 16, 8, 128, 3072, 40_960, HasKQuants: true),
        "nano" => new("Synthetic-Qwen3-Nano", 5, 128, 4, 2, 32, 384, 4096, HasKQuants: false),
        _ => null,
    };
}
