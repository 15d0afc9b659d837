using CsCheck;
using Microsoft.Extensions.AI;
using Qwen3.Chat.Responses;

namespace Qwen3.Chat.Tests.Prompts;

/// <summary>Text from outside, in each place of a prompt where it can stand.</summary>
public sealed class ForeignTextTests(ModelFixture models) : IClassFixture<ModelFixture>
{
    private static readonly string[] s_fragments =
    [
        "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>", "<think>", "</think>", "<|im_start|>", "<|im_end|>",
        "<|endoftext|>", "<", "</", "tool_call", "think", ">", "<|", "|>", "im_end", "\n", " ", "\"", "\\", "{", "}", "a", "é", "e\u0301",
        "\u0338", "\uFFFE", "\ud83d", "\ude00", "😀", "东京", "1", "<tools>", "</tools>", "<|fim_pad|>", "<|file_sep|>", "</s>",
    ];

    private static readonly Dictionary<string, Func<string, (ChatMessage[] Messages, ChatOptions? Options)>> s_places = new()
    {
        ["user message"] = text => ([new(ChatRole.User, text)], null),
        ["answer"] = text => ([new(ChatRole.User, "Hi"), new(ChatRole.Assistant, text), new(ChatRole.User, "Go on")], null),
        ["last answer"] = text => ([new(ChatRole.User, "Hi"), new(ChatRole.Assistant, text)], null),
        ["reasoning"] = text => ([new(ChatRole.User, "Hi"), Answer(new TextReasoningContent(text), Call("f")), Result("ok")], null),
        ["name of a call"] = text => ([new(ChatRole.User, "Hi"), Answer(Call(text)), Result("ok")], null),
        ["argument"] = text => ([new(ChatRole.User, "Hi"), Answer(Call("f", ("a", text))), Result("ok")], null),
        ["name of an argument"] = text => ([new(ChatRole.User, "Hi"), Answer(Call("f", (text, 1))), Result("ok")], null),
        ["result"] = text => ([new(ChatRole.User, "Hi"), Answer(Call("f")), Result(text)], null),
        ["result as JSON"] = text => ([new(ChatRole.User, "Hi"), Answer(Call("f")), Result(new[] { text })], null),
        ["error of a function"] = text => (
            [new(ChatRole.User, "Hi"), Answer(Call("f")), new(ChatRole.Tool, [new FunctionResultContent("id", null) { Exception = new(text) }])], null),
        ["name of a tool"] = text => ([new(ChatRole.User, "Hi")], Offer(text, "d", "p", "d")),
        ["description of a tool"] = text => ([new(ChatRole.User, "Hi")], Offer("f", text, "p", "d")),
        ["name of a parameter"] = text => ([new(ChatRole.User, "Hi")], Offer("f", "d", text, "d")),
        ["description of a parameter"] = text => ([new(ChatRole.User, "Hi")], Offer("f", "d", "p", text)),
    };

    public static TheoryData<string> Places => [.. s_places.Keys];

    [Theory]
    [MemberData(nameof(Places))]
    public void Text_from_outside_never_adds_a_special_token(string place)
    {
        foreach (Qwen3Variant variant in Enum.GetValues<Qwen3Variant>())
        {
            int[] expected = SpecialTokens(variant, place, "x");
            Gen.Int[0, s_fragments.Length - 1].Select(i => s_fragments[i]).Array[1, 12].Sample(
                fragments => Assert.Equal(expected, SpecialTokens(variant, place, "x" + string.Concat(fragments))), iter: 100, threads: 1);
        }
    }

    /// <summary>What a model writes as ordinary tokens, it reads as ordinary tokens in the next turn.</summary>
    [Fact]
    public void What_an_answer_only_spells_is_read_back_as_text()
    {
        Gen.Int[0, s_fragments.Length - 1].Select(i => s_fragments[i]).Array[1, 12].Sample(
            fragments =>
            {
                int[] written = models.Tokenizer.Encode("x" + string.Concat(fragments));
                var reader = new TokenResponseReader(models.Tokenizer, Qwen3Variant.Instruct, toolNames: null);
                List<AIContent> contents = [];
                Array.ForEach(written, token => reader.Append(token, contents));
                reader.Complete(contents);
                Assert.All(contents, content => Assert.IsType<TextContent>(content));
                IReadOnlyList<int> prompt = Qwen3Prompt.Create(
                    Qwen3Variant.Instruct, [new(ChatRole.User, "Hi"), new(ChatRole.Assistant, contents)]).Tokenize(models.Tokenizer);
                Assert.Equal([151644, 151645, 151644, 151645, 151644], prompt.Where(id => id >= 151643));
            },
            iter: 300,
            threads: 1);
    }

    [Fact]
    public void A_call_that_is_cut_off_inside_quoted_tags_makes_no_call_of_them()
    {
        int[] written =
        [
            models.Tokenizer.GetSpecialTokenId("<tool_call>"),
            .. models.Tokenizer.Encode(
                "\n{\"name\": \"save\", \"arguments\": {\"text\": \"</tool_call>\n<tool_call>\n{'name': 'x'} {\\\"</tool_call><tool_call>"),
            .. models.Tokenizer.Encode("{}\n</tool_call><tool_call>{name"),
        ];
        var reader = new TokenResponseReader(models.Tokenizer, Qwen3Variant.Instruct, toolNames: null);
        List<AIContent> contents = [];
        Array.ForEach(written, token => reader.Append(token, contents));
        reader.Complete(contents);
        Assert.Equal(models.Tokenizer.Decode(written), string.Concat(contents.OfType<TextContent>().Select(content => content.Text)));
        Assert.Single(contents.OfType<ErrorContent>());
    }

    private static ChatMessage Answer(params AIContent[] contents) => new(ChatRole.Assistant, contents);

    private static FunctionCallContent Call(string name, params (string Name, object? Value)[] arguments) =>
        new("id", name, arguments.ToDictionary(argument => argument.Name, argument => argument.Value));

    private static ChatMessage Result(object? result) => new(ChatRole.Tool, [new FunctionResultContent("id", result)]);

    private static ChatOptions Offer(string name, string description, string parameter, string parameterDescription) => new()
    {
        Tools =
        [
            AIFunctionFactory.CreateDeclaration(
                name,
                description,
                System.Text.Json.JsonSerializer.SerializeToElement(new Dictionary<string, object>
                {
                    ["type"] = "object",
                    ["properties"] = new Dictionary<string, object> { [parameter] = new Dictionary<string, object> { ["description"] = parameterDescription } },
                })),
        ],
    };

    private int[] SpecialTokens(Qwen3Variant variant, string place, string text)
    {
        (ChatMessage[] messages, ChatOptions? options) = s_places[place](text);
        return [.. Qwen3Prompt.Create(variant, messages, options).Tokenize(models.Tokenizer).Where(id => id >= 151643)];
    }
}
