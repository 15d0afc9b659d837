using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Qwen3.Chat.Models;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat;

/// <summary>Options of a <see cref="Qwen3ChatClient"/>.</summary>
public sealed class Qwen3ChatClientOptions
{
    /// <summary>
    /// Gets or sets the GGUF file of a client that is registered with <c>AddQwen3ChatClient</c>. Ignored elsewhere.
    /// </summary>
    public string? ModelPath { get; set; }

    /// <summary>
    /// Gets or sets the name of a registered client's model, in place of <see cref="ModelPath"/>, in the form that
    /// <see cref="Qwen3Models.Parse"/> reads: <c>instruct-2507</c>, <c>hf:owner/name:Q8_0</c>. The model is found on
    /// this machine or fetched once, by the first request or when the host starts.
    /// </summary>
    public string? ModelName { get; set; }

    /// <summary>Gets or sets the places where a model by name is searched and fetched from.</summary>
    public ModelHubOptions Hub { get; set; } = new();

    /// <summary>
    /// Gets or sets a value indicating whether a client that is registered with <c>AddQwen3ChatClient</c> loads its
    /// model when the host starts. The default is <see langword="false"/>: the first request loads it. Ignored without
    /// a host.
    /// </summary>
    public bool LoadAtStart { get; set; }

    /// <summary>
    /// Gets or sets the model's variant. The default, <see langword="null"/>, detects it from the chat template.
    /// </summary>
    public Qwen3Variant? Variant { get; set; }

    /// <summary>
    /// Gets or sets the model's name in responses, logs and traces. The default, <see langword="null"/>, is the name in
    /// the model's file.
    /// </summary>
    public string? ModelId { get; set; }

    /// <summary>Gets or sets the reasoning budgets of the values of <see cref="ReasoningEffort"/>.</summary>
    public ThinkingBudgets ThinkingBudgets { get; set; } = new();

    /// <summary>
    /// Gets or sets a value indicating whether reasoning that repeats itself is ended like a spent budget. The default
    /// is <see langword="true"/>: the thinking models, small quantizations above all, sometimes repeat themselves
    /// without end.
    /// </summary>
    public bool RepetitionGuard { get; set; } = true;

    /// <summary>
    /// Gets or sets a value indicating whether tags such as <c>&lt;tool_call&gt;</c> that a tool's name, description or
    /// schema spells become tag tokens, as in the models' reference template. The default is <see langword="false"/>:
    /// tools often come from elsewhere, from an MCP server, for example, and what they spell is text. Tools that spell
    /// no tags give the same prompt either way.
    /// </summary>
    public bool TrustToolDescriptions { get; set; }

    /// <summary>
    /// Gets or sets the logger factory, for warnings about schema keywords that cannot be enforced, for example. The
    /// default, <see langword="null"/>, logs nothing.
    /// </summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>
    /// Gets or sets the idle time after which a model that the client loaded is freed. The next request loads it again.
    /// The default, <see langword="null"/>, keeps it.
    /// </summary>
    public TimeSpan? UnloadAfter { get; set; }

    /// <summary>Gets or sets how the model is loaded. Ignored by a client over an existing engine.</summary>
    public LlamaModelOptions Model { get; set; } = new();

    /// <summary>
    /// Gets or sets the options of the engine, such as the context size and the threads. Ignored by a client over an
    /// existing engine.
    /// </summary>
    public InferenceEngineOptions Engine { get; set; } = new();
}
