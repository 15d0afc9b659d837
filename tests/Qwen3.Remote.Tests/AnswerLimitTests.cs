using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.AI;
using Qwen3.Chat;

namespace Qwen3.Remote.Tests;

/// <summary>Responses that are no answers, or larger than any answer.</summary>
public sealed class AnswerLimitTests
{
    private static readonly CancellationToken s_token = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("<html>\r\n<body>\u001b[31mWelcome</body></html>", "<html>\\u000d\\u000a<body>\\u001b[31mWelcome</body></html>")]
    [InlineData("{\"object\":\"list\",\"data\":[]}", "{\"object\":\"list\",\"data\":[]}")]
    [InlineData("{\"choices\":[]}", "{\"choices\":[]}")]
    [InlineData("true", "true")]
    [InlineData("", "empty response")]
    public async Task An_unreadable_answer_is_quoted(string body, string expected)
    {
        foreach (ModelServerException exception in await FailuresAsync(body))
        {
            Assert.Contains("no chat completion", exception.Message);
            Assert.Contains(expected, exception.Message);
            Assert.DoesNotContain(exception.Message, char.IsControl);
            Assert.False(exception.IsTransient);
        }
    }

    [Fact]
    public async Task The_quote_of_an_unreadable_answer_has_200_characters()
    {
        foreach (ModelServerException exception in await FailuresAsync(new string('a', 200) + "b"))
        {
            Assert.Contains($"'{new string('a', 200)}…'", exception.Message);
        }
    }

    [Theory]
    [InlineData("""{"error":"Unexpected endpoint or method"}""")]
    [InlineData("""{"error":{"message":"Unexpected endpoint or method"}}""")]
    [InlineData("""{"object":"error","message":"Unexpected endpoint or method","choices":null}""")]
    [InlineData("""{"detail":"Unexpected endpoint or method"}""")]
    public async Task An_error_in_place_of_an_answer_is_reported_in_its_words(string body)
    {
        foreach (ModelServerException exception in await FailuresAsync(body))
        {
            Assert.Contains("Unexpected endpoint or method", exception.Message);
        }
    }

    [Fact]
    public async Task The_key_is_in_no_quote()
    {
        using var http = new HttpClient(new AnsweringHandler((_, _) => Task.FromResult(
            AnsweringHandler.Answer(System.Net.HttpStatusCode.OK, new string('a', 195) + "secret-1234"))));
        using var client = new Qwen3RemoteChatClient(
            new() { Endpoint = new("http://gpu-pool/v1"), Model = "qwen3", Server = ModelServer.Vllm, ApiKey = "secret-1234", HttpClient = http });
        var exception = await Assert.ThrowsAsync<ModelServerException>(() => client.GetResponseAsync("Hello!"));
        Assert.DoesNotContain("secre", exception.ToString());
    }

    [Theory]
    [InlineData("data: {\"choices\":[{\"delta\":{\"content\":\"", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("", "{\"choices\":\n")]
    [InlineData("", "data: {\n")]
    [InlineData("", ": ping\n")]
    [InlineData("", "data: {\"choices\":[{\"delta\":{\"content\":\"\"}}]}\n\n")]
    public async Task An_endless_response_is_refused(string start, string repeated)
    {
        using var http = new HttpClient(new AnsweringHandler((_, _) => Task.FromResult(
            new HttpResponseMessage { Content = new StreamContent(new EndlessStream(start, repeated)) })));
        using var client = new Qwen3RemoteChatClient(
            new() { Endpoint = new("http://gpu-pool/v1"), Model = "qwen3", Server = ModelServer.Vllm, HttpClient = http });
        var exception = await Assert.ThrowsAsync<ModelServerException>(async () =>
        {
            await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync("Hello!", cancellationToken: s_token))
            {
            }
        });
        Assert.Matches("sent (an event of )?more than [0-9]+ bytes|not JSON", exception.Message);
    }

    [Fact]
    public async Task An_endless_response_can_be_cancelled()
    {
        using var http = new HttpClient(new AnsweringHandler((_, _) => Task.FromResult(
            new HttpResponseMessage { Content = new StreamContent(new EndlessStream("", ": ping\n")) })));
        using var client = new Qwen3RemoteChatClient(
            new() { Endpoint = new("http://gpu-pool/v1"), Model = "qwen3", Server = ModelServer.Vllm, HttpClient = http });
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(s_token);
        Task<ChatResponse> answer = Task.Run(() => client.GetResponseAsync("Hello!", cancellationToken: cancellation.Token));
        cancellation.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
    }

    [Fact]
    public async Task Too_many_calls_are_refused()
    {
        string call = """{"function":{"name":"f","arguments":"{}"}}""";
        foreach (ModelServerException exception in await FailuresAsync(
            """{"choices":[{"message":{"tool_calls":[CALLS]}}]}""".Replace("CALLS", string.Join(',', Enumerable.Repeat(call, 1000)))))
        {
            Assert.Contains("more than 256 tool calls", exception.Message);
        }
    }

    [Fact]
    public async Task Deep_JSON_is_refused()
    {
        string deep = new string('[', 100_000) + new string(']', 100_000);
        foreach (ModelServerException exception in await FailuresAsync("""{"choices":[{"message":{"content":DEEP}}]}""".Replace("DEEP", deep)))
        {
            Assert.True(exception.Message.Length < 1_000);
        }
    }

    [Fact]
    public async Task Pieces_of_arguments_take_time_in_proportion_to_their_number()
    {
        TimeSpan small = await TimeAsync(2_000), large = await TimeAsync(20_000);
        // Ten times as many pieces; a hundredfold time would be quadratic.
        Assert.True(large < 30 * small + TimeSpan.FromSeconds(1), $"{small}, {large}");

        static async Task<TimeSpan> TimeAsync(int count)
        {
            const string Piece = """{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"[\"\\\""}}]}}]}""";
            using Qwen3RemoteChatClient client = AnsweringHandler.CreateClient(AnsweringHandler.Events(Enumerable.Repeat(Piece, count)));
            var watch = Stopwatch.StartNew();
            await client.GetStreamingResponseAsync("Hello!").ToChatResponseAsync(s_token);
            return watch.Elapsed;
        }
    }

    private static async Task<ModelServerException[]> FailuresAsync(string body)
    {
        using Qwen3RemoteChatClient client = AnsweringHandler.CreateClient(Encoding.UTF8.GetBytes(body));
        return
        [
            await Assert.ThrowsAsync<ModelServerException>(() => client.GetResponseAsync("Hello!")),
            .. body.Contains("rror") || body.Contains("detail") ? (ModelServerException[])[]
                : [await Assert.ThrowsAsync<ModelServerException>(() => client.GetStreamingResponseAsync("Hello!").ToChatResponseAsync(s_token))],
        ];
    }

    private sealed class EndlessStream(string start, string repeated) : Stream
    {
        private readonly byte[] _start = Encoding.UTF8.GetBytes(start);
        private readonly byte[] _repeated = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(repeated, (1 << 16) / repeated.Length)));
        private bool _hasStarted;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            cancellationToken.ThrowIfCancellationRequested();
            byte[] next = _hasStarted || _start.Length == 0 ? _repeated : _start;
            _hasStarted = true;
            // Whole repetitions, so that lines stay what they are.
            int length = next == _repeated ? Math.Min(next.Length, Math.Max(buffer.Length / repeated.Length, 1) * repeated.Length) : next.Length;
            length = Math.Min(length, buffer.Length);
            next.AsSpan(0, length).CopyTo(buffer.Span);
            return ValueTask.FromResult(length);
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
