namespace Qwen3.Models;

/// <summary>Where the two nano models of this repository are: the one place that samples and tests ask.</summary>
internal static class NanoModels
{
    public static string Instruct => Find("qwen3-nano-instruct-2507-q8_0.gguf");

    public static string Thinking => Find("qwen3-nano-thinking-2507-q8_0.gguf");

    private static string Find(string file)
    {
        for (DirectoryInfo? directory = new(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            string path = Path.Combine(directory.FullName, "models", file);
            if (File.Exists(path))
            {
                return path;
            }
        }

        throw new FileNotFoundException($"No folder above {AppContext.BaseDirectory} has models/{file}; run from a checkout of the repository.");
    }
}
