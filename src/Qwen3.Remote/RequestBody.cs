using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Qwen3.Chat.Prompts;

namespace Qwen3.Remote;

/// <summary>The JSON of a request. The extra body fields that the caller sets win over everything else.</summary>
internal sealed class RequestBody
{
    private readonly OrderedDictionary<string, string> _members = [];

    /// <param name="extra">The extra body fields, or <see langword="null"/>.</param>
    public RequestBody(JsonObject? extra)
    {
        foreach ((string name, JsonNode? value) in extra ?? [])
        {
            _members[name] = value?.ToJsonString() ?? "null";
        }
    }

    public bool Has(string name) => _members.ContainsKey(name);

    public void Add(string name, string text) => AddJson(name, Json(text));

    public void Add(string name, float value) => AddJson(name, Json(value));

    public void Add(string name, long value) => AddJson(name, Json(value));

    public void Add(string name, bool value) => AddJson(name, value ? "true" : "false");

    /// <summary>Adds a member, unless it is there.</summary>
    /// <param name="path">
    /// The member's name, or the name of an object and of a member in it: <c>options.num_ctx</c>.
    /// </param>
    /// <param name="json">The value.</param>
    public void AddJson(string path, string json)
    {
        if (path.Split('.') is not [string parent, string name])
        {
            _members.TryAdd(path, json);
        }
        else if (!_members.TryGetValue(parent, out string? value))
        {
            _members[parent] = $"{{{Json(name)}:{json}}}";
        }
        else if (JsonNode.Parse(value) is JsonObject members && !members.ContainsKey(name))
        {
            members[name] = JsonNode.Parse(json);
            _members[parent] = members.ToJsonString();
        }
    }

    /// <summary>Appends items to an array. The caller's own come first.</summary>
    /// <param name="name">The member's name.</param>
    /// <param name="items">The items, which are written as they are: some servers copy them into the prompt.</param>
    public void Append(string name, IEnumerable<string> items)
    {
        string own = _members.TryGetValue(name, out string? value) && value is ['[', .., ']'] ? value[1..^1] : "";
        _members[name] = $"[{string.Join(',', own.Length > 0 ? items.Prepend(own) : items)}]";
    }

    public override string ToString()
    {
        var json = new StringBuilder("{");
        foreach ((string name, string value) in _members)
        {
            json.Append(json.Length > 1 ? "," : "");
            PromptJson.WriteString(json, name);
            json.Append(':').Append(value);
        }

        return json.Append('}').ToString();
    }

    public static string Json(string text)
    {
        var json = new StringBuilder(text.Length + 2);
        PromptJson.WriteString(json, text);
        return json.ToString();
    }

    public static string Json(float value) => value.ToString("R", CultureInfo.InvariantCulture);

    public static string Json(long value) => value.ToString(CultureInfo.InvariantCulture);

    public static string Json(IEnumerable<string> texts) => $"[{string.Join(',', texts.Select(Json))}]";
}

/// <summary>The tools of a request.</summary>
internal static class OfferedTools
{
    /// <summary>Returns the tools that the model is to see, as JSON in the form of the model's prompt.</summary>
    /// <param name="options">The request's options.</param>
    /// <param name="hasNamedChoice">
    /// Whether the server can be told which function to call; if not, only that one is offered.
    /// </param>
    /// <exception cref="ArgumentException">
    /// A call of a function that is not offered is required, or a function has no name.
    /// </exception>
    /// <exception cref="NotSupportedException">A tool is not a function.</exception>
    public static string[] Create(ChatOptions? options, bool hasNamedChoice)
    {
        IEnumerable<AITool> tools = options?.Tools ?? [];
        if (tools.Any(tool => string.IsNullOrWhiteSpace(tool.Name)))
        {
            throw new ArgumentException(
                $"A tool in {nameof(ChatOptions)}.{nameof(ChatOptions.Tools)} has an empty name. Give it a name.",
                nameof(options));
        }

        if (RequiredName(options) is { } name)
        {
            if (!tools.Any(tool => tool.Name == name))
            {
                throw new ArgumentException(
                    $"A call of the function '{name}' is required, but no tool has that name. " +
                    $"Add it to {nameof(ChatOptions)}.{nameof(ChatOptions.Tools)}.",
                    nameof(options));
            }

            tools = hasNamedChoice ? tools : tools.Where(tool => tool.Name == name);
        }

        return [.. tools.Select(ToolText.Of)];
    }

    public static string? RequiredName(ChatOptions? options) =>
        (options?.ToolMode as RequiredChatToolMode)?.RequiredFunctionName;
}

/// <summary>
/// The ids of the calls in a request. Ids that occur twice in a conversation are replaced, together with those of the
/// results.
/// </summary>
internal sealed class RequestCallIds
{
    private readonly HashSet<string> _used = [];
    private readonly Dictionary<string, Queue<string>> _open = [];

    /// <summary>Begins the calls of the next message. Results follow the calls that they are the results of.</summary>
    public void BeginMessage() => _open.Clear();

    /// <summary>Returns the id to send for a call.</summary>
    public string ForCall(string? id)
    {
        string own = id ?? "", sent = own;
        for (int i = _used.Count; string.IsNullOrWhiteSpace(sent) || !_used.Add(sent); i++)
        {
            sent = string.Create(CultureInfo.InvariantCulture, $"call_{i}");
        }

        if (!_open.TryGetValue(own, out Queue<string>? queue))
        {
            _open[own] = queue = new();
        }

        queue.Enqueue(sent);
        return sent;
    }

    /// <summary>Returns the id to send for a result.</summary>
    public string ForResult(string? id) =>
        _open.TryGetValue(id ?? "", out Queue<string>? queue) && queue.TryDequeue(out string? sent) ? sent : id ?? "";
}
