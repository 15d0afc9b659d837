using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Qwen3.Chat;

namespace Qwen3.Remote;

/// <summary>
/// Sends requests to a server with the API key, the timeout and the error mapping of a remote client.
/// </summary>
internal sealed class ServerConnection(HttpClient http, Qwen3RemoteChatClientOptions options, ServerErrors errors)
{
    private const int MaxPageLength = 16 << 20, MaxErrorLength = 1 << 16;

    private static readonly MediaTypeHeaderValue s_json = new("application/json") { CharSet = "utf-8" };

    /// <summary>Sends a request and returns its response once the headers are there.</summary>
    /// <exception cref="ModelServerException">The server answered with another status than success.</exception>
    public async Task<ServerResponse> PostAsync(Uri address, string json, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address);
        request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(json)) { Headers = { ContentType = s_json } };
        HttpResponseMessage response = await SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.IsSuccessStatusCode)
        {
            return await ServerResponse.CreateAsync(response, options, errors, cancellationToken).ConfigureAwait(false);
        }

        using (response)
        {
            string text = response.Headers.Location?.ToString() ??
                await ReadAsync(response, MaxErrorLength, cancellationToken).ConfigureAwait(false);
            throw errors.Refused(response.StatusCode, text);
        }
    }

    /// <summary>Gets JSON; returns <see langword="null"/> where there is none.</summary>
    public async Task<JsonElement?> GetAsync(Uri address, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        using HttpResponseMessage response = await SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            return null;
        }

        string text = await ReadAsync(response, MaxPageLength, cancellationToken).ConfigureAwait(false);
        return LenientJson.TryParse(text.TrimStart('\ufeff'), out JsonElement json) ? json : null;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // Without a key the HTTP client's own stays.
        request.Headers.Authorization = options.ApiKey is null
            ? null
            : new AuthenticationHeaderValue("Bearer", options.ApiKey);
        using var timeout = new CancellationTokenSource(options.Timeout, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token)
            .ConfigureAwait(false);
    }

    /// <summary>Reads the start of a body as text.</summary>
    private async Task<string> ReadAsync(
        HttpResponseMessage response, int maxLength, CancellationToken cancellationToken)
    {
        using var idle = new IdleTimeoutReader(options.Timeout, options.TimeProvider, cancellationToken);
        using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var content = new MemoryStream();
        byte[] buffer = new byte[1 << 14];
        int read = 1;
        while (read > 0 && content.Length < maxLength)
        {
            read = await idle.ReadAsync(body, buffer).ConfigureAwait(false);
            content.Write(buffer, 0, read);
        }

        return Encoding.UTF8.GetString(content.GetBuffer(), 0, (int)Math.Min(content.Length, maxLength));
    }
}

/// <summary>
/// A response whose body is read as it arrives. Disposing it closes the connection if there is more to read.
/// </summary>
internal sealed class ServerResponse : IDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly IdleTimeoutReader _idle;

    private ServerResponse(HttpResponseMessage response, Stream body, IdleTimeoutReader idle, ServerErrors errors)
    {
        (_response, _idle) = (response, idle);
        Events = new(body, idle, errors);
    }

    public ServerEventReader Events { get; }

    public static async Task<ServerResponse> CreateAsync(
        HttpResponseMessage response,
        Qwen3RemoteChatClientOptions options,
        ServerErrors errors,
        CancellationToken cancellationToken)
    {
        try
        {
            Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            return new(response, body, new(options.Timeout, options.TimeProvider, cancellationToken), errors);
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _response.Dispose();
        _idle.Dispose();
    }
}
