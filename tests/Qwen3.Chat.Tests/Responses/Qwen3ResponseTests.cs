using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Qwen3.Chat.Responses;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Tests.Responses;

public sealed class Qwen3ResponseTests(ModelFixture models) : IClassFixture<ModelFixture>
{
    private const string Paris = "{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Paris\"}}";
    private const string ParisCall = "<tool_call>\n" + Paris + "\n</tool_call>";
    private const string ParisRead = "[get_weather {\"city\":\"Paris\"}]";

    /// <summary>What is read, in the order of the message's contents: (reasoning), text, [call], !malformed.</summary>
    [Theory]
    // Calls that are not quite right.
    [InlineData(Qwen3Variant.Instruct, "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Paris\"}\n</tool_call>", ParisRead)]
    [InlineData(Qwen3Variant.Instruct, "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Paris\"\n</tool_call>", ParisRead)]
    [InlineData(Qwen3Variant.Instruct, "<tool_call>\n" + Paris + "}\n</tool_call>", ParisRead)]
    [InlineData(Qwen3Variant.Instruct, "<tool_call>\n" + Paris + "}}</tool_call>", ParisRead)]
    [InlineData(Qwen3Variant.Instruct, "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": [1, {\"b\": 2}\n</tool_call>", "[f {\"a\":[1,{\"b\":2}]}]")]
    [InlineData(Qwen3Variant.Instruct, "<tool_call>\n{\"name\": \"send\", \"arguments\": {\"text\": \"one\ntwo\tthree\"}}\n</tool_call>", "[send {\"text\":\"one\\ntwo\\tthree\"}]")]
    [InlineData(Qwen3Variant.Instruct, "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": \"\\d+ it\\'s C:\\Users\"}}\n</tool_call>", "[f {\"a\":\"\\\\d+ it's C:\\\\Users\"}]")]
    [InlineData(Qwen3Variant.Instruct, "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": \"\\ud83d x \\ud83d\\ude00\"}}\n</tool_call>", "[f {\"a\":\"\uFFFD x \\uD83D\\uDE00\"}]")]
    [InlineData(Qwen3Variant.Instruct, "<tool_call>\n{\"name\": \"get_weather\", \"parameters\": {\"city\": \"Paris\"}}\n</tool_call>", ParisRead)]
    [InlineData(Qwen3Variant.Instruct, "<tool_call>\n{\"type\": \"function\", \"function\": " + Paris + "}\n</tool_call>", ParisRead)]
    [InlineData(Qwen3Variant.Instruct, "<tool_call>\n{\"arguments\": {\"city\": \"Paris\"}, \"name\": \"get_weather\",}\n</tool_call>", ParisRead)]
    [InlineData(Qwen3Variant.Instruct, "<tool_call>\n{\"name\": \"f\"}\n</tool_call>", "[f {}]")]
    [InlineData(Qwen3Variant.Instruct, "<tool_call>\n{\"name\": \"f\", \"arguments\": null}\n</tool_call>", "[f {}]")]
    [InlineData(Qwen3Variant.Instruct, "<tool_call>\n{\"name\": \"f\", \"arguments\": \"\"}\n</tool_call>", "[f {}]")]
    [InlineData(Qwen3Variant.Instruct, "<tool_call>\n" + Paris + "\n{\"name\": \"g\"}\n</tool_call>", ParisRead + "[g {}]")]
    [InlineData(Qwen3Variant.Instruct, "<tool_call>\n[" + Paris + ", {\"name\": \"g\"}]\n</tool_call>", ParisRead + "[g {}]")]
    [InlineData(Qwen3Variant.Instruct, "<tool_call>\n" + Paris + "\n<tool_call>\n{\"name\": \"g\"}", ParisRead + "[g {}]")]
    [InlineData(Qwen3Variant.Instruct, "<tool_call>\n<tool_call>\n" + Paris + "\n</tool_call>\n</tool_call>", ParisRead)]
    [InlineData(Qwen3Variant.Instruct, ParisCall + "\n</think>\n", ParisRead)]
    [InlineData(Qwen3Variant.Instruct, "<tool_call>" + Paris + "Done.", ParisRead + "Done.")]
    [InlineData(Qwen3Variant.Instruct, "<tool_call>" + Paris + "\nDone</tool_call>\nOK", ParisRead + "Done\nOK")]
    [InlineData(Qwen3Variant.Instruct, "<tool_call>\n```json\n" + Paris + "\n```\n</tool_call>", ParisRead)]
    [InlineData(Qwen3Variant.Instruct, "<tool_call>\n{" + Paris + "}\n</tool_call>", ParisRead)]
    [InlineData(Qwen3Variant.Instruct, "<tool_call>\n{\"name\": \"g\"\n" + ParisCall, "[g {}]" + ParisRead)]
    [InlineData(Qwen3Variant.Instruct, "<tool_call>\n{\"function\": {\"name\": \"f\"}, \"arguments\": {\"a\": 1}}\n</tool_call>", "[f {\"a\":1}]")]
    [InlineData(Qwen3Variant.Instruct, "<tool_call>\n{\"function\": \"f\", \"arguments\": {\"a\": 1}}\n</tool_call>", "[f {\"a\":1}]")]
    [InlineData(Qwen3Variant.Instruct, "<tool_call>\n{\"name\": \"f\", \"arguments\": null, \"parameters\": {\"a\": 1}}\n</tool_call>", "[f {\"a\":1}]")]
    [InlineData(Qwen3Variant.Instruct, "<tool_call>\n{\"name\": \"f\", \"arguments\": []}\n</tool_call>", "[f {}]")]
    // Text around calls.
    [InlineData(Qwen3Variant.Instruct, "\n\nA \n\n" + ParisCall + "\n  B\n", "A " + ParisRead + "\n\n\n  B")]
    [InlineData(Qwen3Variant.Instruct, ParisCall + " \n " + ParisCall + "  ", ParisRead + ParisRead)]
    [InlineData(Qwen3Variant.Instruct, " \n ", "")]
    [InlineData(Qwen3Variant.Instruct, "", "")]
    // What cannot be read stays.
    [InlineData(Qwen3Variant.Instruct, "A\n<tool_call>\n{name: f}\n</tool_call>\nB", "A\n<tool_call>\n{name: f}\n</tool_call>!malformed\nB")]
    [InlineData(Qwen3Variant.Instruct, "<tool_call>\n{\"arguments\": {}}\n</tool_call>", "<tool_call>\n{\"arguments\": {}}\n</tool_call>!malformed")]
    [InlineData(Qwen3Variant.Instruct, "<tool_call>\n{\"name\": \"f\", \"arguments\": [1]}\n</tool_call>" + ParisCall, "<tool_call>\n{\"name\": \"f\", \"arguments\": [1]}\n</tool_call>!malformed" + ParisRead)]
    [InlineData(Qwen3Variant.Instruct, "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Par", "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Par!malformed")]
    [InlineData(Qwen3Variant.Instruct, "<tool_call>{\"name\": \"f</tool_call>\nB" + ParisCall, "<tool_call>{\"name\": \"f</tool_call>!malformed\nB" + ParisRead)]
    [InlineData(Qwen3Variant.Instruct, "Use <tool_call> tags.", "Use <tool_call> tags.")]
    [InlineData(Qwen3Variant.Instruct, "Write <tool_call>x</tool_call> and </think> or <think>.", "Write <tool_call>x</tool_call>!malformed and </think> or <think>.")]
    [InlineData(Qwen3Variant.Instruct, "<tool_call>\nnot json\n</tool_call>\nB", "<tool_call>\nnot json\n</tool_call>!malformed\nB")]
    [InlineData(Qwen3Variant.Instruct, "<tool_call>get_weather(city=\"Paris\")</tool_call>" + ParisCall, "<tool_call>get_weather(city=\"Paris\")</tool_call>!malformed" + ParisRead)]
    [InlineData(Qwen3Variant.Instruct, "Use `<tool_call>` to call, and " + ParisCall, "Use `<tool_call>` to call, and " + ParisRead)]
    [InlineData(Qwen3Variant.Instruct, "a <too", "a <too")]
    // Reasoning.
    [InlineData(Qwen3Variant.Thinking, "\n<think>\n<think>\n\nhm \n\n</think>\n\nHi\n", "(hm )Hi")]
    [InlineData(Qwen3Variant.Thinking, "hm\n</think>\n\n</think>\nHi", "(hm)Hi")]
    [InlineData(Qwen3Variant.Thinking, "hm</think>Say </think> or <think>.", "(hm)Say </think> or <think>.")]
    [InlineData(Qwen3Variant.Thinking, "a</think>\n<think>b</think>\nHi", "(ab)Hi")]
    [InlineData(Qwen3Variant.Hybrid, "\n\n<think>\n\n</think>\n\nHi", "Hi")]
    [InlineData(Qwen3Variant.Hybrid, "<think>\nhm", "(hm)")]
    [InlineData(Qwen3Variant.Hybrid, "<think>\nhm\n</think>\n\n" + ParisCall, "(hm)" + ParisRead)]
    [InlineData(Qwen3Variant.Hybrid, " <think>a</think>b", "(a)b")]
    // Calls inside the reasoning.
    [InlineData(Qwen3Variant.Thinking, "R\n<tool_call>\n{\"name\": \"send\", \"arguments\": {\"text\": \"<think>b</think>\"}}\n</tool_call>", "(R)[send {\"text\":\"<think>b</think>\"}]")]
    [InlineData(Qwen3Variant.Thinking, "R\n<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": 1}\n</tool_call>", "(R\n<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": 1}\n</tool_call>)")]
    [InlineData(Qwen3Variant.Thinking, "R <tool_call>{\"name\": \"f\n" + ParisCall, "(R <tool_call>{\"name\": \"f)" + ParisRead)]
    [InlineData(Qwen3Variant.Thinking, "R <tool_call>{\"name\": \"f\n</think>Hi", "(R <tool_call>{\"name\": \"f)Hi")]
    [InlineData(Qwen3Variant.Thinking, "I look.\n" + ParisCall, "(I look.)" + ParisRead)]
    [InlineData(Qwen3Variant.Thinking, "I look.\n" + ParisCall + "\n" + ParisCall, "(I look.)" + ParisRead + ParisRead)]
    [InlineData(Qwen3Variant.Thinking, "I look.\n<tool_call>" + Paris, "(I look.)" + ParisRead)]
    [InlineData(Qwen3Variant.Thinking, "I look.\n" + ParisCall + "\n</think>\n\n", "(I look.)" + ParisRead)]
    [InlineData(Qwen3Variant.Thinking, "Not " + ParisCall + " but\n" + ParisCall + ParisCall + "\n</think>\n", "(Not " + ParisCall + " but)" + ParisRead + ParisRead)]
    [InlineData(Qwen3Variant.Thinking, "I could write " + ParisCall + "\n</think>\n\nHi", "(I could write " + ParisCall + ")Hi")]
    [InlineData(Qwen3Variant.Thinking, "I could write " + ParisCall + " here.\n</think>\n\n" + ParisCall, "(I could write " + ParisCall + " here.)" + ParisRead)]
    [InlineData(Qwen3Variant.Thinking, "I could write " + ParisCall + "\n</think>\n\n" + ParisCall, "(I could write " + ParisCall + ")" + ParisRead)]
    [InlineData(Qwen3Variant.Thinking, "A <tool_call> tag is needed.\n</think>\n\n" + ParisCall, "(A <tool_call> tag is needed.)" + ParisRead)]
    [InlineData(Qwen3Variant.Thinking, "Like <tool_call>{\"name\": \"get_wea", "(Like <tool_call>{\"name\": \"get_wea)")]
    [InlineData(Qwen3Variant.Thinking, "Like <tool_call>{\"name\": </think>Hi", "(Like <tool_call>{\"name\": )Hi")]
    [InlineData(Qwen3Variant.Thinking, "<tool_call>\n{x}</tool_call> no.\n" + ParisCall, "(<tool_call>\n{x}</tool_call> no.)" + ParisRead)]
    [InlineData(Qwen3Variant.Thinking, "<tool_call>\n{\"name\": " + ParisCall, "(<tool_call>\n{\"name\": )" + ParisRead)]
    [InlineData(Qwen3Variant.Thinking, "<tool_call>{\"name\": \"other\"}</tool_call>", "(<tool_call>{\"name\": \"other\"}</tool_call>)")]
    [InlineData(Qwen3Variant.Thinking, "hm</think><tool_call>{\"name\": \"other\"}</tool_call>", "(hm)[other {}]")]
    public void Reads(Qwen3Variant variant, string output, string expected)
    {
        string[] tools = ["get_weather", "g", "f", "send"];
        Assert.Equal(expected, Describe(ResponseReading.Whole(variant, output, tools)));
        Assert.Equal(expected, Describe(ResponseReading.ByCharacter(variant, output, tools)));
        Assert.Equal(expected, Describe(ResponseReading.ByToken(models.Tokenizer, variant, output, tools)));
    }

    [Fact]
    public void Without_names_any_call_that_ends_the_reasoning_counts() =>
        Assert.Equal("(hm)[other {}]", Describe(ResponseReading.Whole(Qwen3Variant.Thinking, "hm\n<tool_call>{\"name\": \"other\"}</tool_call>", null)));

    [Fact]
    public void Each_call_has_an_id_of_its_own()
    {
        ChatMessage message = ResponseReading.Whole(Qwen3Variant.Instruct, ParisCall + ParisCall);
        Assert.Equal(2, message.Contents.OfType<FunctionCallContent>().Select(call => call.CallId).Where(id => id.Length > 8).Distinct().Count());
    }

    [Fact]
    public void An_answer_that_strikes_text_through_loses_nothing() =>
        Assert.Equal("<s>struck</s>", Describe(ResponseReading.ByToken(models.Tokenizer, Qwen3Variant.Instruct, "<s>struck</s>")));

    [Fact]
    public void A_tag_spelled_in_ordinary_tokens_is_text()
    {
        var reader = new TokenResponseReader(models.Tokenizer, Qwen3Variant.Thinking, toolNames: null);
        List<AIContent> contents = [];
        foreach (int token in (int[])[.. models.Tokenizer.Encode("the tag </think> ends it"), models.Tokenizer.GetSpecialTokenId("</think>"), .. models.Tokenizer.Encode("Hi")])
        {
            reader.Append(token, contents);
        }

        reader.Complete(contents);
        Assert.Equal("(the tag </think> ends it)Hi", Describe(Qwen3Response.ToMessage(contents)));
    }

    [Fact]
    public void Text_streams_without_delay()
    {
        var parser = new ResponseParser(Qwen3Variant.Thinking, toolNames: null);
        string Feed(string text)
        {
            List<AIContent> contents = [];
            foreach (ResponsePiece piece in TagScanner.Split(text))
            {
                parser.Append(piece, contents);
            }

            return Describe(new ChatMessage(ChatRole.Assistant, contents));
        }

        Assert.Equal("(I)", Feed("I"));
        Assert.Equal("( think)", Feed(" think\n"));
        Assert.Equal("(\nmore)", Feed("more"));
        Assert.Equal("", Feed("</think>\n\n"));
        Assert.Equal("Hello", Feed("Hello"));
        Assert.Equal("", Feed("\n<tool_call>\n{\"name\": \"f\""));
        Assert.Equal("[f {}]", Feed("}"));
        Assert.Equal("", Feed("\n</tool_call>"));
    }

    [Fact]
    public void Any_output_is_read_alike_in_any_pieces_and_loses_no_word()
    {
        const int Seed = 4;
        var random = new Random(Seed);
        string[] pieces =
        [
            "<think>", "</think>", "<tool_call>", "</tool_call>", "\n", " ", "{", "}", "[", "]", "\"", ",", ": ", "\\", "word", "<", "😀", "</tool", Paris, Paris, "{\"name\": \"g\"}", "{\"name\": 1}",
        ];
        for (int round = 0; round < 3000; round++)
        {
            var text = new StringBuilder();
            for (int i = random.Next(14); i > 0; i--)
            {
                text.Append(pieces[random.Next(pieces.Length)]);
            }

            Qwen3Variant variant = (Qwen3Variant)random.Next(3);
            string output = text.ToString();
            string whole = Describe(ResponseReading.Whole(variant, output));
            Assert.True(whole == Describe(ResponseReading.ByCharacter(variant, output)), $"seed {Seed}, round {round}: {variant} {output}");
            Assert.True(whole == Describe(ResponseReading.InPieces(variant, output, () => random.Next(0, 9))), $"seed {Seed}, round {round}: {variant} {output}");
            Assert.True(whole == Describe(ResponseReading.ByToken(models.Tokenizer, variant, output)), $"seed {Seed}, round {round}: {variant} {output}");
            int words = output.Split("word").Length;
            Assert.True(whole.Split("word").Length == words, $"seed {Seed}, round {round}: {variant} {output} became {whole}");
        }
    }

    [Fact]
    public void Any_tokens_are_read_without_an_exception_and_without_loss_of_a_character()
    {
        const int Seed = 9;
        var random = new Random(Seed);
        Tokenizer tokenizer = models.Tokenizer;
        int[] tags = [.. ((string[])["<think>", "</think>", "<tool_call>", "</tool_call>"]).Select(tokenizer.GetSpecialTokenId)];
        for (int round = 0; round < 2000; round++)
        {
            // The first ids are single bytes, which seldom make up characters.
            bool hasTags = random.Next(2) == 0;
            int[] tokens = [.. Enumerable.Range(0, random.Next(40)).Select(_ => random.Next(10) switch
            {
                < 5 => random.Next(256),
                < 6 when hasTags => tags[random.Next(tags.Length)],
                _ => random.Next(tags.Min()),
            })];
            Qwen3Variant variant = (Qwen3Variant)random.Next(3);
            var reader = new TokenResponseReader(tokenizer, variant, toolNames: null);
            List<AIContent> contents = [];
            Array.ForEach(tokens, token => reader.Append(token, contents));
            reader.Complete(contents);
            string read = string.Concat(contents.Select(content => (content as TextContent)?.Text ?? (content as TextReasoningContent)?.Text));
            string written = tokenizer.Decode(tokens);
            if (hasTags)
            {
                // Tags are not text, and newlines around the parts are none either.
                string Bare(string text) => new([.. text.Where(c => !"\n<>/_thinktoolcall".Contains(c))]);
                Assert.True(Bare(written) == Bare(read), $"seed {Seed}, round {round}: {written} became {read}");
            }
            else
            {
                Assert.True(written.Trim('\n') == read, $"seed {Seed}, round {round}: {written} became {read}");
            }
        }
    }

    [Fact]
    public void Garbage_in_great_length_is_read()
    {
        // What recurs here would overflow the stack of a reader that recurs with it.
        foreach (string part in (string[])["<tool_call>", "<tool_call>{\"", "</tool_call>", "<tool_call>{\"a</tool_call>", "<think>", "</think>", "{", "<tool_call>{\"name\":\"f\"}", "\n"])
        {
            foreach (Qwen3Variant variant in Enum.GetValues<Qwen3Variant>())
            {
                Assert.NotNull(ResponseReading.Whole(variant, string.Concat(Enumerable.Repeat(part, 8_000))));
            }
        }
    }

    private static string Describe(ChatMessage message) => string.Concat(message.Contents.Select(content => content switch
    {
        TextReasoningContent reasoning => $"({reasoning.Text})",
        TextContent text => text.Text,
        FunctionCallContent call => $"[{call.Name} {JsonSerializer.Serialize(call.Arguments, s_readable)}]",
        ErrorContent error => error.ErrorCode == "malformed_tool_call" && message.Text.Contains(error.Details!, StringComparison.Ordinal) ? "!malformed" : "!?",
        _ => content.GetType().Name,
    }));

    private static readonly JsonSerializerOptions s_readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
