using System.Diagnostics;
using System.Text;
using Qwen3.LlamaCpp.Sampling.Grammars;

namespace Qwen3.LlamaCpp.Tests.Sampling;

public sealed class GrammarTests(ModelFixture fixture) : IClassFixture<ModelFixture>
{
    private const string Json = """
        root ::= object
        value ::= object | array | string | number | "true" | "false" | "null"
        object ::= "{" ws ( string ":" " "? value ( "," ws string ":" " "? value )* )? ws "}"
        array ::= "[" ws ( value ( "," ws value )* )? ws "]"
        string ::= "\"" ( [^"\\\x00-\x1F] | "\\" ( ["\\/bfnrt] | "u" [0-9a-fA-F]{4} ) )* "\""
        number ::= "-"? ( "0" | [1-9] [0-9]{0,15} ) ( "." [0-9]+ )? ( [eE] [-+]? [0-9]{1,2} )?
        ws ::= | " " | "\n" [ \t]{0,20}
        """;

    private readonly Tokenizer _tokenizer = fixture.Model.Tokenizer;

    [Theory]
    [InlineData("a", false)]
    [InlineData("ab", true)]
    [InlineData("abb", true)]
    [InlineData("abc", false)]
    [InlineData("", false)]
    [InlineData("aé界", true)]
    [InlineData("a<|im_end|>", true)]
    [InlineData("a</s>", true)]
    [InlineData("a\0", false)]
    public void Accepts_the_whole_text_no_more_and_no_less(string text, bool accepted)
    {
        var grammar = new Grammar("root ::= \"a\" ([b-bé界] | \"<|im_end|>\" | \"</s>\")+", _tokenizer);
        Assert.Equal(accepted, grammar.Accepts(text));
        Assert.Equal(accepted, IsWritable(grammar, text));
    }

    [Theory]
    [InlineData("root ::= \"a", "line 1, column 12", "ends inside a literal")]
    [InlineData("root ::= a\na ::= b", "line 2", "no rule 'b'")]
    [InlineData("start ::= \"a\"", "line 1", "no rule 'root'")]
    [InlineData("", "line 1", "no rule 'root'")]
    [InlineData("root ::= root \"a\" | \"b\"", "line 1", "'root' can begin with itself")]
    [InlineData("root ::= e e root \"a\" | \"b\"\ne ::= f f\nf ::= \"x\" |", "line 3", "'root' can begin with itself")]
    [InlineData("root ::= ([a-z]*)*", "line 1", "'root' can begin with itself")]
    [InlineData("root ::= * \"a\"", "column 11", "nothing to repeat")]
    [InlineData("root ::= \"a\"{2000}", "column 18", "0 to 1999")]
    [InlineData("root ::= \"a\"{3,2}", "column 18", "larger number first")]
    [InlineData("root ::= [z-a]", "column 14", "larger end first")]
    [InlineData("root ::= \"a\" []", "column 15", "empty")]
    [InlineData("root ::= \"\\uD800\"", "line 1", "no character in it")]
    [InlineData("root ::= \"\\q\"", "column 13", "no escape \\q")]
    [InlineData("root ::= \"\\u12\"", "column 13", "4 hexadecimal digits")]
    [InlineData("root ::= <nothing>", "column 19", "no special token <nothing>")]
    [InlineData("root := \"a\"", "column 6", "'::=' is expected")]
    [InlineData("root ::= (\"a\" \"b\"", "column 18", "')' is expected")]
    [InlineData("root ::= \"a\" & \"b\"", "column 14", "'&' is not expected")]
    public void A_text_that_is_no_grammar_is_refused_with_its_place(string text, string place, string reason)
    {
        var exception = Assert.Throws<FormatException>(() => new Grammar(text, _tokenizer));
        Assert.Contains(place, exception.Message);
        Assert.Contains(reason, exception.Message);
    }

    [Fact]
    public void What_a_deep_or_huge_grammar_asks_for_is_refused_and_not_done()
    {
        Assert.Throws<FormatException>(() => new Grammar("root ::= " + new string('(', 100_000) + "\"a\"" + new string(')', 100_000), _tokenizer));
        Assert.Throws<FormatException>(() => new Grammar("root ::= \"a\"{1999}{1999}{1999}", _tokenizer));
        var chain = new StringBuilder("root ::= r0\n");
        for (int i = 0; i < 50_000; i++)
        {
            chain.Append($"r{i} ::= r{i + 1}\n");
        }

        var chained = new Grammar(chain.Append("r50000 ::= \"xy\" |").ToString(), _tokenizer);
        Assert.Equal(2, Readable(chained, "xy"));
        Assert.True(chained.Accepts("xy"));
        string ways = string.Concat(Enumerable.Range(0, 40).Select(i => $"r{i} ::= r{i + 1} \"x\" | r{i + 1} \"y\"\n"));
        Assert.True(new Grammar($"root ::= r0\n{ways}r40 ::= \"z\"", _tokenizer).Accepts("z" + new string('x', 40)));
        Assert.Throws<FormatException>(() => new Grammar("root ::= " + string.Concat(Enumerable.Repeat("\"a\"{1999} ", 20_000)), _tokenizer));
    }

    [Fact]
    public void A_text_that_can_be_read_in_many_ways_is_followed_in_few_places()
    {
        // 2^60 ways to have got there, and 2 places to be at.
        var grammar = new Grammar("root ::= s\ns ::= \"a\" s \"b\" | \"a\" s \"c\" | \"x\"", _tokenizer);
        Assert.True(IsWritable(grammar, new string('a', 60) + "x" + string.Concat(Enumerable.Repeat("bc", 30))));
        Assert.True(grammar.Accepts("aaaxbcb"));
        Assert.False(IsWritable(grammar, new string('a', 60) + "x" + string.Concat(Enumerable.Repeat("bc", 29)) + "b"));
        Assert.NotEmpty(After(new Grammar("root ::= s\ns ::= \"-\" s \"b\" | \"-\" s \"c\" | \"x\"", _tokenizer), "--").GetTokenMask());

        // And at different depths at once.
        grammar = new Grammar("root ::= s\ns ::= \"a\" s \"b\" | \"aa\" s \"b\" | \"x\"", _tokenizer);
        foreach ((int opened, int closed, bool isRight) in (ReadOnlySpan<(int, int, bool)>)[(80, 80, true), (80, 40, true), (80, 55, true), (80, 39, false), (80, 81, false)])
        {
            Assert.Equal(isRight, IsWritable(grammar, new string('a', opened) + "x" + new string('b', closed)));
        }
    }

    [Fact]
    public void A_long_list_of_words_takes_no_more_than_a_short_one()
    {
        const int Words = 20_000;
        string words = string.Join(" | ", Enumerable.Range(0, Words).Select(i => $"\"a{i}\""));
        var anywhere = new Grammar($"root ::= c* ( {words} ) c*\nc ::= [^\\n]", _tokenizer);
        var alone = new Grammar($"root ::= {words}", _tokenizer);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.True(IsWritable(anywhere, "a word aa12345, which is one"));
        Assert.False(IsWritable(anywhere, "a word a b12345, which is none"));
        Assert.True(IsWritable(alone, "a12345"));
        Assert.False(IsWritable(alone, "a20000"));
        foreach (string text in (string[])["", "a", "b", "a1"])
        {
            Assert.NotEmpty(After(anywhere, text).GetTokenMask());
        }

        // Memory, unlike time, is the same on a busy machine.
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < 20_000_000, $"{allocated} bytes");    }

    [Fact]
    public void Alternatives_that_begin_alike_are_those_that_were_written()
    {
        foreach (string text in (string[])[
            "root ::= \"ab\" | \"abb\" | \"ab\" | \"a\" | x \"a\" | x \"b\" | x x | \"ba\" x\nx ::= \"b\" | \"bb\" | \"bab\" |",
            "root ::= ( \"a\" | \"aa\" \"b\" | \"aa\" )? ( \"b\" root | \"b\" root \"a\" | \"ba\" )?",
            "root ::= [ab]{2} \"a\" | [ab]{2} \"b\" \"b\"? | [ab]{4} | [ab] \"b\" | [a] \"a\" \"a\""])
        {
            var grammar = new Grammar(text, _tokenizer);
            var reference = new ReferenceGrammar(text);
            for (int length = 0; length <= 7; length++)
            {
                for (int bits = 0; bits < 1 << length; bits++)
                {
                    string word = string.Concat(Enumerable.Range(0, length).Select(i => (bits >> i & 1) == 0 ? 'a' : 'b'));
                    Assert.True(reference.Accepts(word) == IsWritable(grammar, word), $"{word} by {text}");
                }
            }
        }
    }

    [Theory]
    [InlineData("root ::= ( .{0,1900} .{0,1900} \"a\" ){0,50}")]
    [InlineData("root ::= .* ( \"a\" .{1900} | .{1900} .{1900} )")]
    [InlineData("root ::= ( NUMBERED )*\nrNUMBER ::= [a-z]* \"NUMBER\"\n")]
    public void A_text_that_is_at_too_many_places_ends_there_and_takes_no_more_memory_than_there_is(string text)
    {
        string[] lines = text.Split('\n');
        string numbered = string.Join(" | ", Enumerable.Range(0, 20_000).Select(i => $"r{i}"));
        text = lines[0].Replace("NUMBERED", numbered) + "\n" +
            (lines.Length > 1 ? string.Concat(Enumerable.Range(0, 20_000).Select(i => lines[1].Replace("NUMBER", $"{i}") + "\n")) : "");
        var grammar = new Grammar(text, _tokenizer);
        long most = 0;
        Assert.Throws<GrammarComplexityException>(() => Follow());
        Assert.True(most < 200_000_000, $"{most} bytes");

        void Follow()
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                GrammarMatcher matcher = grammar.CreateMatcher();
                for (bool isWritten = true; isWritten; isWritten = matcher.TryAccept(Token("a")))
                {
                    most = Math.Max(most, GC.GetAllocatedBytesForCurrentThread() - before);
                    before = GC.GetAllocatedBytesForCurrentThread();
                    matcher.GetTokenMask();
                }
            }
            finally
            {
                most = Math.Max(most, GC.GetAllocatedBytesForCurrentThread() - before);
            }
        }
    }

    [Fact]
    public void Rules_within_rules_deeper_than_the_stack_end_the_answer_and_not_the_process()
    {
        string chain = string.Concat(Enumerable.Range(0, 50_000).Select(i => $"r{i} ::= r{i + 1} \"x\"\n"));
        var grammar = new Grammar($"root ::= r0\n{chain}r50000 ::= \"y\"", _tokenizer);
        Assert.Throws<GrammarComplexityException>(grammar.CreateMatcher);
        Assert.Throws<GrammarComplexityException>(grammar.CreateMatcher);
    }

    [Fact]
    public void Many_alternatives_that_begin_with_what_may_be_empty_are_read_in_no_time_to_speak_of()
    {
        var watch = Stopwatch.StartNew();
        string alternatives = string.Join(" | ", Enumerable.Range(0, 30_000).Select(i => $"\"a\"{{0,2}} \"{i}\""));
        var grammar = new Grammar($"root ::= ( {alternatives} ) space\nspace ::= \" \" |", _tokenizer);
        // Each of them once for each other one it would be minutes.
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"{watch.Elapsed}");
        Assert.True(IsWritable(grammar, "aa29999 "));
    }

    [Fact]
    public void Tokens_are_told_by_their_ids()
    {
        int think = _tokenizer.GetSpecialTokenId("<think>"), end = _tokenizer.GetSpecialTokenId("</think>");
        var matcher = new Grammar($"root ::= (!<think> | <[{think}]> \"a\" | \"b\" </think>)*", _tokenizer).CreateMatcher();
        int a = Token("a"), b = Token("b");
        Assert.True(matcher.IsComplete);
        Assert.True(matcher.TryAccept(b));
        Assert.True(matcher.TryAccept(end));
        Assert.True(matcher.TryAccept(think));
        Assert.False(matcher.IsComplete);
        Assert.False(matcher.TryAccept(b));
        Assert.False(matcher.TryAccept(end));
        Assert.True(IsAllowed(matcher, a));
        Assert.False(IsAllowed(matcher, think));
        Assert.True(matcher.TryAccept(a));
        Assert.True(matcher.IsComplete);
        Assert.True(IsAllowed(matcher, think));
        Assert.True(IsAllowed(matcher, end));
    }

    [Fact]
    public void Characters_are_never_written_in_special_tokens()
    {
        var matcher = new Grammar("root ::= \"<think>\" .*", _tokenizer).CreateMatcher();
        Assert.False(matcher.TryAccept(_tokenizer.GetSpecialTokenId("<think>")));
        foreach (int token in _tokenizer.Encode("<think> and </tool_call>"))
        {
            Assert.True(matcher.TryAccept(token));
        }

        Assert.False(matcher.TryAccept(_tokenizer.GetSpecialTokenId("</tool_call>")));
    }

    [Fact]
    public void A_text_that_has_to_end_is_known_to()
    {
        var matcher = new Grammar("root ::= \"a\" \"b\"?", _tokenizer).CreateMatcher();
        Assert.True(matcher.TryAccept(Token("a")));
        Assert.True(matcher.IsComplete);
        Assert.False(matcher.IsFinal);
        Assert.True(matcher.TryAccept(Token("b")));
        Assert.True(matcher.IsFinal);
        Assert.DoesNotContain(matcher.GetTokenMask(), bits => bits != 0);
    }

    [Fact]
    public void Agrees_with_a_second_reading_of_grammars_on_texts_that_are_almost_right()
    {
        const int Seed = 5, Texts = 3000;
        var random = new Random(Seed);
        string[] grammars =
        [
            Json,
            "root ::= (\"ab\"{2,3} | [a-c]{1,4} \"é\"? )+ # words\n",
            "root ::= [^a-zß-þ]{1,5} \"x\" ( \"y\" | \n \"z\" [0-9]{3} )?",
            "root ::= a \"b\" | \"c\" root\na ::= \"(\" a \")\" | .",
            "root ::= s\ns ::= \"a\" s \"b\" | \"aa\" s \"b\" | e \"x\" e e\ne ::= \"(\" s \")\" | \"y\" |",
        ];
        string[] seeds = ["{\"a\": [1, 2.5e3, {\"b\": \"é\\n界\"}], \"c\": null}", "ababéabcé", "!\"€😀1x" + "z123", "ccc((x))b", "aaay(axb)xybb"];
        const string Alphabet = "abcxyz()[]{}\",:\\ 0123.eé界😀\n-";
        int accepted = 0;
        for (int i = 0; i < Texts; i++)
        {
            int number = random.Next(grammars.Length);
            var grammar = new Grammar(grammars[number], _tokenizer);
            var text = new StringBuilder(seeds[number]);
            for (int changes = random.Next(4); changes > 0; changes--)
            {
                int at = random.Next(text.Length);
                _ = random.Next(3) switch
                {
                    0 => text.Remove(at, 1),
                    1 => text.Insert(at, Alphabet[random.Next(Alphabet.Length)]),
                    _ => text.Append(text[at]),
                };
            }

            // Half of a pair is no text.
            string whole = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.ToString()));
            bool expected = new ReferenceGrammar(grammars[number]).Accepts(whole);
            Assert.Equal(expected, grammar.Accepts(whole));
            accepted += expected ? 1 : 0;
            Assert.True(expected == IsWritable(grammar, whole), $"seed {Seed}, text {i}: {whole} by\n{grammar}");
        }

        Assert.InRange(accepted, Texts / 10, Texts * 9 / 10);
    }

    [Fact]
    public void The_tokens_that_can_follow_are_those_that_are_accepted()
    {
        var grammar = new Grammar(Json, _tokenizer);
        foreach (string text in (string[])["", "{", "{\"a", "{\"a\": ", "{\"a\": 1", "{\"a\": \"\\", "{\"a\": \"\xE9", "{\"a\": [1, {}"])
        {
            GrammarMatcher matcher = After(grammar, text);
            ulong[] allowed = matcher.GetTokenMask();
            int count = 0;
            for (int token = 0; token < _tokenizer.VocabularySize; token++)
            {
                bool isAllowed = (allowed[token >> 6] >> token & 1) != 0;
                Assert.True(isAllowed == matcher.Copy().TryAccept(token), $"token {token} after {text}");
                count += isAllowed ? 1 : 0;
            }

            Assert.InRange(count, 1, _tokenizer.VocabularySize - 1);
        }
    }

    private GrammarMatcher After(Grammar grammar, string text)
    {
        GrammarMatcher matcher = grammar.CreateMatcher();
        Assert.All(_tokenizer.Encode(text), token => Assert.True(matcher.TryAccept(token)));
        return matcher;
    }

    private static bool IsAllowed(GrammarMatcher matcher, int token) => (matcher.GetTokenMask()[token >> 6] >> token & 1) != 0;

    private int Token(string text) => Assert.Single(_tokenizer.Encode(text));

    /// <summary>How many of a text's characters the grammar lets a model write.</summary>
    private int Readable(Grammar grammar, string text)
    {
        GrammarMatcher matcher = grammar.CreateMatcher();
        return text.TakeWhile(c => matcher.TryAccept(Token($"{c}"))).Count();
    }

    private bool IsWritable(Grammar grammar, string text)
    {
        GrammarMatcher matcher = grammar.CreateMatcher();
        return _tokenizer.Encode(text).All(matcher.TryAccept) && matcher.IsComplete;
    }
}
