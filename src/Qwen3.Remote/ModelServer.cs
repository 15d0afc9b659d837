namespace Qwen3.Remote;

/// <summary>The servers whose ways a <see cref="Qwen3RemoteChatClient"/> knows.</summary>
public enum ModelServer
{
    /// <summary>Any other with an OpenAI-compatible endpoint: only what the standard has is sent, and what the caller sets.</summary>
    Other,

    /// <summary>vLLM.</summary>
    Vllm,

    /// <summary>SGLang.</summary>
    SGLang,

    /// <summary>llama-server, which is part of llama.cpp.</summary>
    LlamaServer,

    /// <summary>LM Studio.</summary>
    LMStudio,

    /// <summary>Ollama, by its own API.</summary>
    Ollama,

    /// <summary>Qwen3.Server, which is part of this library.</summary>
    Qwen3Server,
}
