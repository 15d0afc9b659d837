using System.Buffers;
using System.IO.Pipelines;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Qwen3.Server.Serving;

/// <summary>Writes server-sent events to a response.</summary>
internal sealed class EventWriter(HttpResponse response) : IDisposable
{
    private readonly PipeWriter _body = response.BodyWriter;
    private readonly Utf8JsonWriter _json = new(response.BodyWriter, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>Whether there is anything that a client gets, so that the status is settled.</summary>
    public bool HasBegun { get; private set; }

    public void Write<T>(T value, JsonTypeInfo<T> type)
    {
        Begin();
        _body.Write("data: "u8);
        _json.Reset(_body);
        JsonSerializer.Serialize(_json, value, type);
        _body.Write("\n\n"u8);
    }

    /// <summary>Says that there is nothing more to come.</summary>
    public void WriteDone()
    {
        Begin();
        _body.Write("data: [DONE]\n\n"u8);
    }

    /// <summary>Says that the answer is still under way.</summary>
    public void WriteComment()
    {
        Begin();
        _body.Write(": waiting\n\n"u8);
    }

    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (_body.UnflushedBytes > 0)
        {
            await _body.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public void Dispose() => _json.Dispose();

    private void Begin()
    {
        if (HasBegun)
        {
            return;
        }

        HasBegun = true;
        response.ContentType = "text/event-stream; charset=utf-8";
        response.Headers.CacheControl = "no-cache,no-store";
        // nginx would gather the events otherwise.
        response.Headers["X-Accel-Buffering"] = "no";
        response.HttpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }
}
