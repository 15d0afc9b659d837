using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Qwen3.Remote.Tests;

/// <summary>An HTTP server in this process that answers as a model server does, with the shapes in its file.</summary>
internal sealed class RecordedServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly JsonElement _shapes;

    private RecordedServer(string name)
    {
        _shapes = JsonElement.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Servers", $"{name}.json")));
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    public static string[] Names { get; } = ["vllm", "sglang", "llama-server", "lm-studio", "ollama"];

    public Uri Endpoint => new($"{_app.Urls.Single()}/v1");

    public string Model => _shapes.GetProperty("model").GetString()!;

    /// <summary>The key that it asks for, if it asks for one.</summary>
    public string? ApiKey { get; set; }

    /// <summary>What becomes of requests instead of an answer, one after the other.</summary>
    public Queue<Func<HttpContext, Task>> Mishaps { get; } = [];

    /// <summary>What it says at some addresses instead of what is in its file.</summary>
    public Dictionary<string, string> Pages { get; } = [];

    /// <summary>The bodies of the requests for an answer.</summary>
    public List<JsonElement> Requests { get; } = [];

    /// <summary>Ends when a client has gone away while it was being answered.</summary>
    public TaskCompletionSource ClientLeft { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>For a test to end when it has read the beginning of an answer.</summary>
    public TaskCompletionSource HasBeenRead { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static async Task<RecordedServer> StartAsync(string name)
    {
        var server = new RecordedServer(name);
        await server._app.StartAsync();
        return server;
    }

    public Qwen3RemoteChatClient CreateClient(Action<Qwen3RemoteChatClientOptions>? configure = null)
    {
        var options = new Qwen3RemoteChatClientOptions { Endpoint = Endpoint, Model = Model, RetryDelay = TimeSpan.Zero };
        configure?.Invoke(options);
        return new(options);
    }

    /// <summary>Refuses the request as the server does, for a reason that is in its file.</summary>
    public Func<HttpContext, Task> Refusal(string reason) => context => RefuseAsync(context, reason);

    /// <summary>
    /// Answers with the beginning of the stream that is recorded for a question, and then waits until the client goes.
    /// </summary>
    public Func<HttpContext, Task> Stall(string question) => async context =>
    {
        await WriteStreamAsync(context, Answer(question).GetProperty("stream").EnumerateArray().Take(3), isComplete: false);
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            ClientLeft.TrySetResult();
        }
    };

    /// <summary>
    /// Answers with the beginning of the stream that is recorded for a question, and breaks the connection when the
    /// client has read some of it.
    /// </summary>
    public Func<HttpContext, Task> BreakOff(string question) => async context =>
    {
        await WriteStreamAsync(context, Answer(question).GetProperty("stream").EnumerateArray().Take(3), isComplete: false);
        await HasBeenRead.Task.WaitAsync(context.RequestAborted);
        context.Abort();
    };

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    /// <summary>Whether it speaks as Ollama does, in lines, and not as OpenAI does, in events.</summary>
    private bool IsOllama => ChatPath == "/api/chat";

    private string ChatPath => _shapes.TryGetProperty("chat", out JsonElement path) ? path.GetString()! : "/v1/chat/completions";

    private async Task AnswerAsync(HttpContext context)
    {
        if (ApiKey is not null && context.Request.Headers.Authorization != $"Bearer {ApiKey}")
        {
            await RefuseAsync(context, "key");
        }
        else if (Pages.TryGetValue(context.Request.Path.Value!, out string? text))
        {
            await WriteAsync(context, JsonElement.Parse(text));
        }
        else if (_shapes.GetProperty("get").TryGetProperty(context.Request.Path.Value!, out JsonElement page))
        {
            await WriteAsync(context, page);
        }
        else if (context.Request.Path != ChatPath)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
        else
        {
            using JsonDocument request = await JsonDocument.ParseAsync(context.Request.Body);
            Requests.Add(request.RootElement.Clone());
            await (Mishaps.TryDequeue(out Func<HttpContext, Task>? mishap) ? mishap(context) : CompleteAsync(context, Requests[^1]));
        }
    }

    private async Task CompleteAsync(HttpContext context, JsonElement request)
    {
        if (request.GetProperty("model").GetString() != Model)
        {
            await RefuseAsync(context, "model");
            return;
        }

        string question = request.GetProperty("messages").EnumerateArray().Last().GetProperty("content").GetString()!;
        JsonElement answer = Answer(question.Replace(" /no_think", ""));
        if (request.TryGetProperty("stream", out JsonElement stream) && stream.GetBoolean())
        {
            await WriteStreamAsync(context, answer.GetProperty("stream").EnumerateArray(), isComplete: true);
        }
        else
        {
            await WriteAsync(context, answer.GetProperty("whole"));
        }
    }

    private JsonElement Answer(string question) => _shapes.GetProperty("answers").GetProperty(question);

    private async Task RefuseAsync(HttpContext context, string reason)
    {
        JsonElement refusal = _shapes.GetProperty("refusals").GetProperty(reason);
        context.Response.StatusCode = refusal.GetProperty("status").GetInt32();
        if (refusal.TryGetProperty("retryAfter", out JsonElement seconds))
        {
            context.Response.Headers.RetryAfter = seconds.GetString();
        }

        await WriteAsync(context, refusal.GetProperty("body"));
    }

    private static Task WriteAsync(HttpContext context, JsonElement body)
    {
        context.Response.ContentType = "application/json";
        return context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(body.GetRawText())).AsTask();
    }

    private async Task WriteStreamAsync(HttpContext context, IEnumerable<JsonElement> chunks, bool isComplete)
    {
        context.Response.ContentType = IsOllama ? "application/x-ndjson" : "text/event-stream";
        foreach (JsonElement chunk in chunks)
        {
            string line = JsonSerializer.Serialize(chunk);
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(IsOllama ? $"{line}\n" : $"data: {line}\n\n"));
            await context.Response.Body.FlushAsync();
        }

        if (isComplete && !IsOllama)
        {
            await context.Response.Body.WriteAsync("data: [DONE]\n\n"u8.ToArray());
        }
    }
}
