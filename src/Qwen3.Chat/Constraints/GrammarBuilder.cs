using System.Text;

namespace Qwen3.Chat.Constraints;

/// <summary>Gathers the rules of a grammar. Equal bodies are one rule, and names depend on nothing but the order in which rules are added.</summary>
internal sealed class GrammarBuilder
{
    private readonly Dictionary<string, string> _namesByBody = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _bodiesByName = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];
    private readonly HashSet<string> _reserved = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

    /// <summary>Adds a rule, unless there is one with this body.</summary>
    /// <param name="body">What stands behind <c>::=</c>.</param>
    /// <param name="name">The name, which gets a number where it is taken.</param>
    /// <returns>The rule's name; where the body is nothing but a rule's name, that name.</returns>
    public string Add(string body, string name)
    {
        if (_bodiesByName.ContainsKey(body) || _reserved.Contains(body))
        {
            return body;
        }

        if (!_namesByBody.TryGetValue(body, out string? existing))
        {
            existing = Reserve(name);
            Define(existing, body);
        }

        return existing;
    }

    /// <summary>Takes a name for a rule whose body is not known yet, as in recursion. <see cref="Define"/> has to follow.</summary>
    public string Reserve(string name)
    {
        string free = name;
        int number = _numbers.GetValueOrDefault(name, 2);
        // 'root' is the start rule's.
        for (; free == "root" || !_reserved.Add(free); number++)
        {
            free = $"{name}-{number}";
        }

        _numbers[name] = number;
        return free;
    }

    /// <summary>Adds a rule under just this name.</summary>
    public void Define(string name, string body)
    {
        _reserved.Add(name);
        _bodiesByName.Add(name, body);
        _namesByBody.TryAdd(body, name);
        _names.Add(name);
    }

    /// <summary>The grammar's text, <c>root</c> first.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (string name in _names.OrderBy(name => name != "root"))
        {
            text.Append(name).Append(" ::= ").Append(_bodiesByName[name]).Append('\n');
        }

        return text.ToString();
    }
}
