using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Qwen3.Chat;
using Qwen3.Chat.Prompts;
using Qwen3.Chat.Responses;

namespace Qwen3.Remote;

/// <summary>Assembles the tool calls of one answer from the pieces that a server sends, or from whole calls.</summary>
/// <remarks>
/// Servers repeat ids and indexes, leave them out, or send them with another JSON type. Which call a piece belongs to
/// is decided by all that is there: the index, the id, the name, and whether the arguments so far are complete.
/// </remarks>
internal sealed class ToolCallAssembler(ServerErrors errors)
{
    /// <summary>The most calls that an answer can have.</summary>
    public const int MaxCalls = 256;

    private const int MaxIdLength = 256;

    private readonly List<PartialCall> _calls = [];

    /// <summary>Gets a value indicating whether there was a call, readable or not.</summary>
    public bool HasCalls => _calls.Count > 0;

    /// <summary>Reads the calls, or pieces of calls, of one message or delta.</summary>
    public void Read(JsonElement calls)
    {
        if (calls.ValueKind == JsonValueKind.String &&
            LenientJson.TryParse(calls.GetString()!, out JsonElement parsed) &&
            parsed.ValueKind is JsonValueKind.Array or JsonValueKind.Object)
        {
            calls = parsed;
        }

        HashSet<PartialCall> seen = [];
        JsonElement[] items = calls.ValueKind == JsonValueKind.Array ? [.. calls.EnumerateArray()] : [calls];
        foreach (JsonElement item in items)
        {
            if (item.ValueKind == JsonValueKind.Object)
            {
                ReadItem(item, seen);
            }
        }
    }

    /// <summary>
    /// Returns the calls as contents, with the ids that the server gave them. A call that cannot be read becomes text.
    /// </summary>
    public IEnumerable<AIContent> Complete()
    {
        HashSet<(string, string, string)> known = [];
        foreach (PartialCall call in _calls)
        {
            string arguments = call.Arguments.ToString();
            // The same call with the same id twice is a repetition; other servers number every call of an answer alike.
            if ((call.Name.Length == 0 && string.IsNullOrWhiteSpace(arguments)) ||
                (call.Id is not null && !known.Add((call.Id, call.Name, arguments))))
            {
                continue;
            }

            if (call.Name.Length > 0 && TryRead(call.Name, arguments, out FunctionCallContent? read))
            {
                yield return new FunctionCallContent(call.Id ??
                    "", call.Name, read.Arguments) { RawRepresentation = call.Raw };
                continue;
            }

            string text = $$"""{"name": {{PromptJson.Format(call.Name)}}, "arguments": {{arguments}}""";
            yield return new TextContent(text);
            yield return ResponseParser.Malformed(text);
        }
    }

    private static bool TryRead(string name, string arguments, [NotNullWhen(true)] out FunctionCallContent? call)
    {
        // Some servers encode the arguments twice.
        if (arguments.TrimStart() is ['"', ..] && LenientJson.TryParse(arguments, out JsonElement inner) &&
            inner.ValueKind == JsonValueKind.String)
        {
            arguments = inner.GetString()!;
        }

        string json = $$"""{"name": {{PromptJson.Format(name)}}, "arguments": {{PromptJson.Format(arguments)}}}""";
        return ToolCallJson.TryRead(json, mends: true, out call);
    }

    private void ReadItem(JsonElement item, HashSet<PartialCall> seen)
    {
        JsonElement function = WireJson.Get(item, "function");
        // {"name": …, "arguments": …} without a "function" around it, or with its name there.
        string name = WireJson.Scalar(WireJson.Get(function, "name")) ?? WireJson.Scalar(WireJson.Get(item, "name")) ??
            WireJson.Scalar(function) ?? "";
        JsonElement arguments = WireJson.Get(function, "arguments", "parameters", "input");
        arguments = arguments.ValueKind == JsonValueKind.Undefined
            ? WireJson.Get(item, "arguments", "parameters", "input")
            : arguments;
        string text = arguments.ValueKind switch
        {
            JsonValueKind.Undefined => "",
            JsonValueKind.String => arguments.GetString()!,
            _ => arguments.GetRawText(),
        };
        string? id = WireJson.Scalar(WireJson.Get(item, "id", "tool_call_id", "call_id"));
        id = string.IsNullOrWhiteSpace(id) || id.Length > MaxIdLength ? null : id;
        JsonElement indexValue = WireJson.Get(item, "index");
        indexValue = indexValue.ValueKind == JsonValueKind.Undefined ? WireJson.Get(function, "index") : indexValue;
        long? index = WireJson.Count(indexValue);

        PartialCall? call = Find(index, id, name);
        if (call is null || IsNext(call, index, id, name, text, seen.Contains(call)))
        {
            if (_calls.Count == MaxCalls)
            {
                throw errors.TooLarge($"more than {MaxCalls} tool calls");
            }

            call = new() { Raw = item };
            _calls.Add(call);
        }
        else
        {
            call.Raw = null;
        }

        call.Add(index, id, name, text);
        seen.Add(call);
    }

    private PartialCall? Find(long? index, string? id, string name)
    {
        if (index is not null)
        {
            PartialCall? last = _calls.LastOrDefault();
            return (id is null ? null : _calls.FindLast(call => call.Index == index && call.Id == id)) ??
                _calls.FindLast(call => call.Index == index) ??
                // The first piece of the call came without the index.
                (name.Length == 0 && last is { Index: null } && (id is null || last.Id is null || id == last.Id)
                    ? last
                    : null);
        }

        return id is null ? _calls.LastOrDefault() : _calls.FindLast(call => call.Id == id) ??
            (name.Length == 0 ? _calls.LastOrDefault() : null);
    }

    /// <summary>
    /// Whether a piece begins another call, though its index or id are those of a call that has begun.
    /// </summary>
    private static bool IsNext(
        PartialCall call, long? index, string? id, string name, string arguments, bool isInSameMessage)
    {
        if (name.Length == 0 || call.Name.Length == 0)
        {
            return false;
        }

        if (name != call.Name || (id is not null && call.Id is not null && id != call.Id))
        {
            return true;
        }

        // Some servers repeat the head of a call, or the whole of it, with the last event.
        bool isSame = (id is not null && id == call.Id) || (index is not null && index == call.Index);
        bool isRepeat = isSame && (arguments.Length == 0 || (call.IsComplete && call.Arguments.Equals(arguments)));
        return !isRepeat && (call.IsComplete || (isInSameMessage && (id is null || id != call.Id)));
    }

    private sealed class PartialCall
    {
        private readonly JsonObjectScanner _scanner = new();
        private bool _isOpen;

        public long? Index { get; private set; }

        public string? Id { get; private set; }

        public string Name { get; private set; } = "";

        public StringBuilder Arguments { get; } = new();

        /// <summary>Gets a value indicating whether the arguments are a whole JSON object.</summary>
        public bool IsComplete { get; private set; }

        /// <summary>Gets or sets the JSON of a call that came in one piece.</summary>
        public JsonElement? Raw { get; set; }

        public void Add(long? index, string? id, string name, string arguments)
        {
            Index ??= index;
            Id ??= id;
            Name = Name.Length == 0 ? name : Name;
            // The whole arguments again, as in the last event of some servers.
            if (IsComplete && Arguments.Equals(arguments))
            {
                return;
            }

            Arguments.Append(arguments);
            foreach (char c in IsComplete ? "" : arguments)
            {
                _isOpen |= c == '{';
                if (_isOpen && _scanner.Append(c))
                {
                    IsComplete = true;
                    break;
                }
            }
        }
    }
}
