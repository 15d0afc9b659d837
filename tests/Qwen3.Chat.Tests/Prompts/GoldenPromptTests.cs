using System.Text.Json;
using Microsoft.Extensions.AI;
using Qwen3.Chat.Tests.Golden;

namespace Qwen3.Chat.Tests.Prompts;

public sealed class GoldenPromptTests(ModelFixture models) : IClassFixture<ModelFixture>
{
    public static TheoryData<int, string> Prompts => Pairs(GoldenFile.Prompts, line => line.GetProperty("prompt"));

    public static TheoryData<int, string> TokenIds => Pairs(GoldenFile.TokenIds, line => line);

    [Theory]
    [MemberData(nameof(Prompts))]
    public void Renders_byte_for_byte(int id, string variant)
    {
        JsonElement conversation = GoldenFile.Prompts[id];
        Assert.Equal(conversation.GetProperty("prompt").GetProperty(variant).GetString(), Render(conversation, variant).ToString());
    }

    [Theory]
    [MemberData(nameof(TokenIds))]
    public void Tokenizes_id_for_id(int id, string variant)
    {
        IEnumerable<int> expected = GoldenFile.TokenIds[id].GetProperty(variant).EnumerateArray().Select(token => token.GetInt32());
        Assert.Equal(expected, Render(GoldenFile.Prompts[id], variant).Tokenize(models.Tokenizer));
    }

    private static Qwen3Prompt Render(JsonElement conversation, string variant)
    {
        (Qwen3Variant which, ChatOptions options) = GoldenFile.Configure(variant, conversation);
        return Qwen3Prompt.Create(which, GoldenFile.Messages(conversation), options);
    }

    private static TheoryData<int, string> Pairs(IReadOnlyList<JsonElement> lines, Func<JsonElement, JsonElement> variants) => [.. lines.SelectMany(
        line => variants(line).EnumerateObject().Where(member => member.Name != "id").Select(member => (line.GetProperty("id").GetInt32(), member.Name)))];
}
