using Qwen3.Chat.Constraints;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Tests.Constraints;

public sealed class GrammarCacheTests(ModelFixture models) : IClassFixture<ModelFixture>
{
    [Fact]
    public void What_was_not_asked_for_for_the_longest_time_makes_room()
    {
        var cache = new GrammarCache();
        var created = new List<string>();
        Grammar Get(string key) => cache.Get(key, () =>
        {
            created.Add(key);
            return new Grammar("root ::= \"a\"", models.Tokenizer);
        });
        string[] keys = [.. Enumerable.Range(0, 64).Select(i => $"{i}")];
        Array.ForEach(keys, key => Get(key));
        Grammar first = Get("0");
        Get("one more");
        Assert.Equal([.. keys, "one more"], created);

        created.Clear();
        Assert.Same(first, Get("0"));
        Array.ForEach(keys[2..], key => Get(key));
        Assert.Empty(created);
        Get("1");
        Assert.Equal(["1"], created);
    }
}
