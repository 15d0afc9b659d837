using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Qwen3.Chat.Models;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat;

/// <summary>How a <see cref="Qwen3ChatClient"/> treats its model.</summary>
public sealed class Qwen3ChatClientOptions
{
    /// <summary>Gets or sets the GGUF file of a client that is registered with <c>AddQwen3ChatClient</c>. Elsewhere it is not read.</summary>
    public string? ModelPath { get; set; }

    /// <summary>
    /// Gets or sets, in place of <see cref="ModelPath"/>, which model a registered client is for, as <see cref="Qwen3Models.Parse"/> reads it:
    /// <c>instruct-2507</c>, <c>hf:owner/name:Q8_0</c>. It is found on this machine or fetched once, by the first request or at the host's start.
    /// </summary>
    public string? ModelName { get; set; }

    /// <summary>Gets or sets where a model that is given by name is looked for and fetched from.</summary>
    public ModelHubOptions Hub { get; set; } = new();

    /// <summary>
    /// Gets or sets whether a client that is registered with <c>AddQwen3ChatClient</c> loads its model when the host starts. The default is no: by the first
    /// request. Without a host it is not read.
    /// </summary>
    public bool LoadAtStart { get; set; }

    /// <summary>Gets or sets which variant the model is. The default, <see langword="null"/>, reads it off the model's chat template.</summary>
    public Qwen3Variant? Variant { get; set; }

    /// <summary>Gets or sets the model's name in responses, logs and traces. The default, <see langword="null"/>, is the name in the model's file.</summary>
    public string? ModelId { get; set; }

    /// <summary>Gets or sets how long the model may think for each <see cref="ReasoningEffort"/> that a request asks for.</summary>
    public ThinkingBudgets ThinkingBudgets { get; set; } = new();

    /// <summary>
    /// Gets or sets whether thinking that goes in circles is ended as a spent budget ends it. The default is yes: the thinking models, small
    /// quantizations of them above all, now and then repeat themselves without end.
    /// </summary>
    public bool RepetitionGuard { get; set; } = true;

    /// <summary>
    /// Gets or sets a value indicating whether tags such as <c>&lt;tool_call&gt;</c> that a tool's name, description or schema spells
    /// become tag tokens, as in the models' reference template. The default is <see langword="false"/>: tools often come from
    /// elsewhere, from an MCP server, for example, and what they spell is text. Tools that spell no tags give the same prompt
    /// either way.
    /// </summary>
    public bool TrustToolDescriptions { get; set; }

    /// <summary>Gets or sets where the client's log goes: what a schema asks that a grammar cannot enforce. The default is nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>
    /// Gets or sets after how long without a request a model that the client loaded is freed; the next request loads it again. The default,
    /// <see langword="null"/>, keeps it.
    /// </summary>
    public TimeSpan? UnloadAfter { get; set; }

    /// <summary>Gets or sets how <see cref="Qwen3ChatClient.Load"/> loads the model. A client over an existing engine does not read it.</summary>
    public LlamaModelOptions Model { get; set; } = new();

    /// <summary>
    /// Gets or sets how the engine that <see cref="Qwen3ChatClient.Load"/> creates computes: the context's size, the threads. A client over
    /// an existing engine does not read it.
    /// </summary>
    public InferenceEngineOptions Engine { get; set; } = new();
}
