namespace Qwen3.Chat.Models;

/// <summary>Where on this machine a model was found.</summary>
public enum ModelLocation
{
    /// <summary>A file that was given by its path.</summary>
    Path,

    /// <summary>This library's own folder, or one of <see cref="ModelHubOptions.Folders"/>.</summary>
    Folder,

    /// <summary>The cache of the Hugging Face Hub, which this library fetches into and other tools share.</summary>
    HuggingFaceCache,

    /// <summary>LM Studio's folder of models.</summary>
    LmStudio,

    /// <summary>The folder that llama.cpp fetched into before it took to the Hugging Face cache.</summary>
    LlamaCpp,

    /// <summary>Ollama's store.</summary>
    Ollama,
}
