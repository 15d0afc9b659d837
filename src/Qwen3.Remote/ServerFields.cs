using System.Text;
using System.Text.Json;
using OpenAI.Chat;

namespace Qwen3.Remote;

/// <summary>Members of a request that the OpenAI SDK has no property for. What the caller has put there stays.</summary>
internal sealed class ServerFields(ChatCompletionOptions options)
{
    public void Add(string name, int value)
    {
        if (Path(name) is { } path)
        {
            options.Patch.Set(path, value);
        }
    }

    public void Add(string name, bool value)
    {
        if (Path(name) is { } path)
        {
            options.Patch.Set(path, value);
        }
    }

    public void Add(string name, float value)
    {
        if (Path(name) is { } path)
        {
            options.Patch.Set(path, value);
        }
    }

    public void Add(string name, string value)
    {
        if (Path(name) is { } path)
        {
            options.Patch.Set(path, value);
        }
    }

    /// <param name="name">The member's name.</param>
    /// <param name="json">Its value.</param>
    public void Add(string name, ReadOnlySpan<byte> json)
    {
        if (Path(name) is { } path)
        {
            options.Patch.Set(path, json);
        }
    }

    private byte[]? Path(string name)
    {
        byte[] path = Encoding.UTF8.GetBytes($"$.{name}");
        return options.Patch.Contains(path) || IsInParent(name) ? null : path;
    }

    /// <summary>Whether the caller has set the whole of what the member belongs to, and it in that.</summary>
    private bool IsInParent(string name) =>
        name.Split('.') is [string parent, string member] &&
        options.Patch.TryGetJson(Encoding.UTF8.GetBytes($"$.{parent}"), out ReadOnlyMemory<byte> json) &&
        JsonElement.Parse(json.Span) is { ValueKind: JsonValueKind.Object } set &&
        set.TryGetProperty(member, out _);
}
