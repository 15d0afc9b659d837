namespace Qwen3.Chat.Models;

/// <summary>The hubs that models are fetched from.</summary>
public enum ModelHubKind
{
    /// <summary>The Hugging Face Hub, <see href="https://huggingface.co"/>, and what serves the same interface.</summary>
    HuggingFace,

    /// <summary>ModelScope, <see href="https://www.modelscope.cn"/>, which is near for who is in China.</summary>
    ModelScope,
}
