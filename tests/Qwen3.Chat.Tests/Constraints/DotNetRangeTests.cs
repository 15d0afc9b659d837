using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using Qwen3.Chat.Constraints;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Tests.Constraints;

public sealed class DotNetRangeTests(ModelFixture models) : IClassFixture<ModelFixture>
{
    private static readonly AIFunction s_save = AIFunctionFactory.Create(
        (int small, ulong large, byte? maybe, Box[] boxes, long plain) => "saved", "Save", "Saves.");

    [Theory]
    [InlineData("small", "2147483647", true)]
    [InlineData("small", "-2147483648", true)]
    [InlineData("small", "2147483648", false)]
    [InlineData("large", "18446744073709551615", true)]
    [InlineData("large", "18446744073709551616", false)]
    [InlineData("large", "-1", false)]
    [InlineData("maybe", "255", true)]
    [InlineData("maybe", "null", true)]
    [InlineData("maybe", "256", false)]
    [InlineData("plain", "9223372036854775807", true)]
    [InlineData("plain", "9223372036854775808", false)]
    [InlineData("boxes", """[{"weight": 65535}]""", true)]
    [InlineData("boxes", """[{"weight": 65536}]""", false)]
    public void Arguments_are_within_the_ranges_of_the_methods_parameters(string parameter, string value, bool isAllowed)
    {
        var arguments = new Dictionary<string, string>
        {
            ["small"] = "1", ["large"] = "2", ["maybe"] = "3", ["boxes"] = "[]", ["plain"] = "4", [parameter] = value,
        };
        string call = $"{{\"name\": \"Save\", \"arguments\": {{{string.Join(", ", arguments.Select(a => $"\"{a.Key}\": {a.Value}"))}}}}}";
        Grammar grammar = Create(new() { Tools = [s_save], ToolMode = ChatToolMode.RequireAny });
        LlamaCpp.Sampling.Grammars.GrammarMatcher matcher = grammar.CreateMatcher();
        bool isWritten = models.Tokenizer.Encode($"<tool_call>\n{call}\n</tool_call>", SpecialTokens.UserDefined).All(matcher.TryAccept);
        Assert.Equal(isAllowed, isWritten);
    }

    [Theory]
    [InlineData(typeof(int), "2147483647", "2147483648")]
    [InlineData(typeof(byte), "255", "-1")]
    [InlineData(typeof(ulong), "18446744073709551615", "18446744073709551616")]
    public void An_answer_that_is_an_integer_is_within_the_range_of_its_type(Type type, string good, string bad)
    {
        var plain = (ChatResponseFormatJson)ChatResponseFormat.ForJsonSchema(type);
        // As GetResponseAsync puts what is no object into one.
        JsonElement wrapped = JsonElement.Parse(
            $$"""{"type":"object","properties":{"data":{{plain.Schema!.Value.GetRawText()}}},"additionalProperties":false,"required":["data"]}""");
        Grammar grammar = Create(new() { ResponseFormat = ChatResponseFormat.ForJsonSchema(wrapped, plain.SchemaName) });
        Assert.True(grammar.Accepts($$"""{"data":{{good}}}"""));
        Assert.False(grammar.Accepts($$"""{"data":{{bad}}}"""));
        grammar = Create(new() { ResponseFormat = plain });
        Assert.True(grammar.Accepts(good));
        Assert.False(grammar.Accepts(bad));
    }

    [Fact]
    public async Task GetResponseAsync_of_an_integer_holds_the_answer_to_the_type()
    {
        ChatOptions? asked = null;
        using var client = new ChatClientBuilder(new CapturingClient(options => asked = options)).Build();
        await client.GetResponseAsync<ushort>("How many?");
        Grammar grammar = Create(asked!);
        Assert.True(grammar.Accepts("""{"data":65535}"""), $"{grammar}");
        Assert.False(grammar.Accepts("""{"data":65536}"""));
    }

    public sealed record Box(ushort Weight);

    private Grammar Create(ChatOptions options) =>
        new AnswerGrammar(models.Tokenizer, NullLogger.Instance).Create(AnswerShape.Of(ThinkingStart.Nowhere, options));

    private sealed class CapturingClient(Action<ChatOptions?> capture) : IChatClient
    {
        public Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            capture(options);
            return Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, """{"data":1}""")));
        }

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            AsyncEnumerable.Empty<ChatResponseUpdate>();

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
