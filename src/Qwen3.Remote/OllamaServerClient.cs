using System.Net.Http.Headers;
using OllamaSharp;
using OllamaSharp.Models;

namespace Qwen3.Remote;

/// <summary>OllamaSharp's client, with the connections, the key, the patience and the failures of a remote chat client.</summary>
internal sealed class OllamaServerClient : OllamaApiClient
{
    private const string OpenAIPath = "/v1";

    private readonly HttpClient _http;
    private readonly Qwen3RemoteChatClientOptions _options;
    private readonly ServerFailures _failures;

    /// <param name="http">What the requests are sent by.</param>
    /// <param name="options">Where the server is.</param>
    /// <param name="failures">Says what goes wrong.</param>
    public OllamaServerClient(HttpClient http, Qwen3RemoteChatClientOptions options, ServerFailures failures)
        : base(new Configuration { Uri = Address(options.Endpoint!), Model = options.Model!, JsonSerializerContext = OllamaChatJson.Default })
    {
        (_http, _options, _failures) = (http, options, failures);
        IncomingJsonSerializerOptions.Converters.Add(new OllamaLineConverter(failures));
    }

    /// <summary>Where Ollama's own API is, beside an OpenAI-compatible endpoint.</summary>
    public static Uri Address(Uri endpoint)
    {
        string address = endpoint.AbsoluteUri.TrimEnd('/');
        return new($"{(address.EndsWith(OpenAIPath, StringComparison.Ordinal) ? address[..^OpenAIPath.Length] : address)}/");
    }

    protected override async Task<HttpResponseMessage> SendToOllamaAsync(
        HttpRequestMessage requestMessage, OllamaRequest? ollamaRequest, HttpCompletionOption completionOption, CancellationToken cancellationToken)
    {
        requestMessage.RequestUri = new(Uri, requestMessage.RequestUri!);
        requestMessage.Headers.Authorization = _options.ApiKey is null ? null : new AuthenticationHeaderValue("Bearer", _options.ApiKey);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(_options.Timeout);
        HttpResponseMessage response = await _http.SendAsync(requestMessage, HttpCompletionOption.ResponseHeadersRead, patience.Token).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            using (response)
            {
                string said = await response.Content.ReadAsStringAsync(patience.Token).ConfigureAwait(false);
                throw _failures.Refused(response.StatusCode, response.Headers.Location?.ToString() ?? said);
            }
        }

        Stream content = await response.Content.ReadAsStreamAsync(patience.Token).ConfigureAwait(false);
        response.Content = new StreamContent(new TimedStream(content, _options.Timeout, cancellationToken));
        return response;
    }
}
