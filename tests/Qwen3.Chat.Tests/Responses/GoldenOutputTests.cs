using System.Text.Json;
using Microsoft.Extensions.AI;
using Qwen3.Chat.Tests.Golden;

namespace Qwen3.Chat.Tests.Responses;

public sealed class GoldenOutputTests(ModelFixture models) : IClassFixture<ModelFixture>
{
    public static TheoryData<string> Names => [.. GoldenFile.Outputs.Select(line => line.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Parses_whole_by_token_and_by_character(string name)
    {
        JsonElement line = GoldenFile.Outputs.Single(line => line.GetProperty("name").GetString() == name);
        Qwen3Variant variant = Enum.Parse<Qwen3Variant>(line.GetProperty("mode").GetString()!, ignoreCase: true);
        string text = line.GetProperty("text").GetString()!;
        foreach (ChatMessage message in (ChatMessage[])[
            ResponseReading.Whole(variant, text, null),
            ResponseReading.ByToken(models.Tokenizer, variant, text, null),
            ResponseReading.ByCharacter(variant, text, null)])
        {
            JsonElement expected = line.GetProperty("expected");
            Assert.Equal(expected.GetProperty("reasoning").GetString(), string.Concat(message.Contents.OfType<TextReasoningContent>().Select(content => content.Text)));
            Assert.Equal(expected.GetProperty("content").GetString(), message.Text);
            FunctionCallContent[] calls = [.. message.Contents.OfType<FunctionCallContent>()];
            Assert.Equal(
                expected.GetProperty("toolCalls").EnumerateArray().Select(call => call.GetProperty("name").GetString()),
                calls.Select(call => call.Name));
            foreach ((FunctionCallContent call, JsonElement expectedCall) in calls.Zip(expected.GetProperty("toolCalls").EnumerateArray()))
            {
                JsonElement arguments = JsonSerializer.SerializeToElement(call.Arguments);
                Assert.True(JsonElement.DeepEquals(expectedCall.GetProperty("arguments"), arguments), arguments.ToString());
            }
        }
    }
}
