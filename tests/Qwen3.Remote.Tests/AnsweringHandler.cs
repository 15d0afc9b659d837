using System.Net;
using System.Text;

namespace Qwen3.Remote.Tests;

/// <summary>Answers requests in place of a server, where the exact bytes or their order matter.</summary>
internal sealed class AnsweringHandler(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer) : HttpMessageHandler
{
    public static HttpResponseMessage Answer(HttpStatusCode status, string body) => new(status) { Content = new StringContent(body) };

    /// <summary>Creates a client of a server that answers every request with the same bytes.</summary>
    /// <param name="body">The bytes.</param>
    /// <param name="server">The server.</param>
    /// <param name="model">The model's name, which says the variant.</param>
    /// <param name="pieces">The sizes of the reads in turn; all at once by default.</param>
    public static Qwen3RemoteChatClient CreateClient(
        byte[] body, ModelServer server = ModelServer.Vllm, string model = "qwen3-instruct", IReadOnlyList<int>? pieces = null) =>
        new(new()
        {
            Endpoint = new("http://gpu-pool/v1"),
            Model = model,
            Server = server,
            HttpClient = new(new AnsweringHandler((_, _) => Task.FromResult(
                new HttpResponseMessage { Content = new StreamContent(new PiecewiseStream(body, pieces)) }))),
        });

    public static Qwen3RemoteChatClient CreateClient(string body, ModelServer server = ModelServer.Vllm, string model = "qwen3-instruct") =>
        CreateClient(Encoding.UTF8.GetBytes(body), server, model);

    /// <summary>Writes values as a stream of events.</summary>
    public static string Events(params IEnumerable<string> values) =>
        string.Concat(values.Append("[DONE]").Select(value => $"data: {value}\n\n"));

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => answer(request, cancellationToken);

    private sealed class PiecewiseStream(byte[] bytes, IReadOnlyList<int>? pieces) : MemoryStream(bytes)
    {
        private int _reads;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(pieces is null ? buffer : buffer[..Math.Min(buffer.Length, pieces[_reads++ % pieces.Count])], cancellationToken);
    }
}
