using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Qwen3.Chat;
using Qwen3.Chat.Prompts;
using Qwen3.LlamaCpp;

namespace Qwen3.Remote;

/// <summary>Writes a request of Ollama's own protocol.</summary>
internal static class OllamaRequest
{
    private const string OpenAIPath = "/v1";

    // https://github.com/ollama/ollama/blob/main/docs/modelfile.mdx and api/types.go.
    private static readonly string[] s_options =
    [
        "num_keep", "seed", "num_predict", "top_k", "top_p", "min_p", "typical_p", "repeat_last_n", "temperature",
        "repeat_penalty", "presence_penalty", "frequency_penalty", "stop", "num_ctx", "num_batch", "num_gpu",
        "main_gpu", "use_mmap", "num_thread", "low_vram", "numa", "vocab_only", "use_mlock", "f16_kv", "logits_all", "mirostat",
        "mirostat_tau", "mirostat_eta", "penalize_newline", "tfs_z",
    ];

    private static readonly string[] s_members = ["keep_alive", "think", "truncate", "shift"];

    /// <summary>Returns the address of a path of Ollama's protocol, beside the OpenAI-compatible endpoint.</summary>
    public static Uri Address(Uri endpoint, string path)
    {
        string address = endpoint.AbsoluteUri.TrimEnd('/');
        bool hasPath = address.EndsWith(OpenAIPath, StringComparison.Ordinal);
        return new($"{(hasPath ? address[..^OpenAIPath.Length] : address)}/{path}");
    }

    /// <param name="remote">The model, its thinking budgets and its context size.</param>
    /// <param name="variant">The model's variant.</param>
    /// <param name="messages">The conversation.</param>
    /// <param name="options">The request's options.</param>
    /// <param name="extra">The extra body fields.</param>
    /// <param name="client">The client to pass to <see cref="ChatOptions.RawRepresentationFactory"/>.</param>
    /// <param name="isStreamed">Whether to ask for a stream.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    /// <exception cref="NotSupportedException">
    /// A message or a tool is of a kind that the model has no form for.
    /// </exception>
    public static string Create(
        Qwen3RemoteChatClientOptions remote,
        Qwen3Variant variant,
        IReadOnlyCollection<ChatMessage> messages,
        ChatOptions? options,
        JsonObject? extra,
        IChatClient client,
        bool isStreamed)
    {
        bool thinks = variant != Qwen3Variant.Instruct && remote.ThinkingBudgets.Of(options) != 0;
        var body = new RequestBody(extra);
        body.Add("model", remote.Model!);
        body.AddJson("messages", $"[{string.Join(',', Messages(variant, messages, options?.Instructions))}]");
        body.Add("stream", isStreamed);
        AddAdditionalProperties(body, options);
        SamplingOptions sampling = SamplingDefaults.Create(variant, messages, options, thinks, client);
        AddOptions(body, sampling, options, remote.ContextSize);
        // A model that can think does so by default; one that cannot refuses to be told.
        if (variant != Qwen3Variant.Instruct && !thinks)
        {
            body.Add("think", false);
        }

        if (options?.ResponseFormat is ChatResponseFormatJson json)
        {
            body.AddJson("format", json.Schema?.GetRawText() ?? "\"json\"");
        }

        // It has no tool choice: it sees the tools that it may call.
        string[] tools = options?.ToolMode is NoneChatToolMode
            ? []
            : OfferedTools.Create(options, hasNamedChoice: false);
        if (tools.Length > 0)
        {
            body.Append("tools", tools);
        }

        return body.ToString();
    }

    private static void AddAdditionalProperties(RequestBody body, ChatOptions? options)
    {
        foreach ((string name, object? value) in options?.AdditionalProperties ?? [])
        {
            string json = PromptJson.Format(s_options.Contains(name) || s_members.Contains(name) ? value : null);
            if (json != "null")
            {
                body.AddJson(s_members.Contains(name) ? name : $"options.{name}", json);
            }
        }
    }

    // All of the sampling, as Ollama's defaults differ from the model card.
    private static void AddOptions(RequestBody body, SamplingOptions sampling, ChatOptions? options, int? contextSize)
    {
        Add("temperature", RequestBody.Json(sampling.Temperature));
        Add("top_p", RequestBody.Json(sampling.TopP));
        Add("top_k", RequestBody.Json((long)sampling.TopK));
        Add("min_p", RequestBody.Json(sampling.MinP));
        Add("repeat_penalty", RequestBody.Json(sampling.RepetitionPenalty));
        Add("presence_penalty", RequestBody.Json(sampling.PresencePenalty));
        Add("frequency_penalty", RequestBody.Json(sampling.FrequencyPenalty));
        Add("num_predict", options?.MaxOutputTokens is { } maxTokens ? RequestBody.Json((long)maxTokens) : null);
        Add("num_ctx", contextSize is { } size ? RequestBody.Json((long)size) : null);
        Add("seed", options?.Seed is { } seed ? RequestBody.Json(seed) : null);
        Add("stop", options?.StopSequences is { Count: > 0 } stops ? RequestBody.Json(stops) : null);

        void Add(string name, string? json)
        {
            if (json is not null)
            {
                body.AddJson($"options.{name}", json);
            }
        }
    }

    private static IEnumerable<string> Messages(
        Qwen3Variant variant, IEnumerable<ChatMessage> messages, string? instructions)
    {
        // Ollama relates a result to its call by the function's name.
        Dictionary<string, string> names = [];
        var ids = new RequestCallIds();
        foreach (Turn turn in TurnReader.Read(messages, instructions))
        {
            var json = new StringBuilder("{\"role\":").Append(RequestBody.Json(turn.Role.Value));
            json.Append(",\"content\":").Append(RequestBody.Json(turn.Text));
            if (variant != Qwen3Variant.Instruct && turn.Reasoning.Length > 0)
            {
                json.Append(",\"thinking\":").Append(RequestBody.Json(turn.Reasoning));
            }

            if (turn.Calls.Count > 0)
            {
                ids.BeginMessage();
                json.Append(",\"tool_calls\":[").AppendJoin(',', turn.Calls.Select(Call)).Append(']');
            }

            if (turn.Role == ChatRole.Tool && names.TryGetValue(ids.ForResult(turn.CallId), out string? name))
            {
                json.Append(",\"tool_name\":").Append(RequestBody.Json(name));
            }

            yield return json.Append('}').ToString();
        }

        string Call(FunctionCallContent call)
        {
            string id = ids.ForCall(call.CallId);
            names[id] = call.Name;
            string arguments = PromptJson.Format(call.Arguments);
            string function = $$"""{"name":{{RequestBody.Json(call.Name)}},"arguments":{{arguments}}}""";
            return $$"""{"id":{{RequestBody.Json(id)}},"function":{{function}}}""";
        }
    }
}
