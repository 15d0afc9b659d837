namespace Qwen3.Remote;

/// <summary>The servers whose protocols and extra body fields a <see cref="Qwen3RemoteChatClient"/> knows.</summary>
public enum ModelServer
{
    /// <summary>
    /// Another server with an OpenAI-compatible endpoint. It is sent only fields of OpenAI's protocol, and what the
    /// caller sets.
    /// </summary>
    Other,

    /// <summary>vLLM.</summary>
    Vllm,

    /// <summary>SGLang.</summary>
    SGLang,

    /// <summary>llama-server of llama.cpp.</summary>
    LlamaServer,

    /// <summary>LM Studio.</summary>
    LMStudio,

    /// <summary>Ollama, through its own protocol.</summary>
    Ollama,

    /// <summary>Qwen3.Server of this project.</summary>
    Qwen3Server,
}
