using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Qwen3.Chat.Models;

/// <summary>
/// Sends the requests for one model to a hub. The token is sent to the hub itself only, never to the target of a
/// redirect.
/// </summary>
internal sealed class HubConnection(HttpClient http, Uri endpoint, string? token, ModelHubOptions options)
{
    /// <summary>The sink for the number of failed attempts of a request.</summary>
    public static readonly HttpRequestOptionsKey<Action<int>> RetryKey = new("Qwen3.Retry");

    private const int MaxRedirects = 5, MaxJsonLength = 32 << 20;

    /// <summary>The file that is wanted, as it is likely to be named.</summary>
    public required string FileName { get; init; }

    /// <summary>The folder into which the file can be copied by hand.</summary>
    public required string ModelFolder { get; init; }

    /// <summary>The environment variable with the address of the hub.</summary>
    public required string EndpointVariable { get; init; }

    /// <summary>Invoked with the number of failed attempts of a request before the next attempt.</summary>
    public required Action<int> OnRetry { get; init; }

    /// <summary>The number of attempts of each request.</summary>
    public int Attempts => options.MaxRetries + 1;

    public Uri Endpoint => endpoint;

    public bool HasToken => token is not null;

    /// <summary>Gets an answer as JSON.</summary>
    public async Task<T> GetJsonAsync<T>(
        string repository, string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage response = await SendAsync(
                repository, HttpMethod.Get, new Uri(endpoint, path), null, cancellationToken).ConfigureAwait(false);
            HubErrors.ThrowIfFailed(response, this, repository, file: null);
            byte[] content = await ReadAsync(response, MaxJsonLength, cancellationToken).ConfigureAwait(false)
                ?? throw Unreadable(repository, $"the answer is longer than {MaxJsonLength} bytes");
            return JsonSerializer.Deserialize(content, type) ?? throw Unreadable(repository, "the answer is null");
        }
        catch (JsonException e)
        {
            throw Unreadable(repository, e.Message, e);
        }
        catch (Exception e) when (IsTransient(e))
        {
            throw HubErrors.Unreachable(repository, this, e);
        }
    }

    /// <summary>Gets the headers of a file from the hub itself, not from the target of a redirect.</summary>
    public async Task<HttpResponseMessage> HeadAsync(
        string repository, HubFile file, CancellationToken cancellationToken)
    {
        HttpResponseMessage response = await SendAsync(
            repository, HttpMethod.Head, file.Address, null, cancellationToken, followAway: false)
            .ConfigureAwait(false);
        if (response.StatusCode is HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotImplemented)
        {
            // Some mirrors know only GET. The shortest part of the file has the same headers.
            response.Dispose();
            response = await SendAsync(
                repository,
                HttpMethod.Get,
                file.Address,
                new RangeHeaderValue(0, 0),
                cancellationToken,
                followAway: false)
                .ConfigureAwait(false);
        }

        try
        {
            HubErrors.ThrowIfFailed(response, this, repository, file);
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    /// <summary>Gets a part of a file. An answer that is a failure is returned too.</summary>
    public Task<HttpResponseMessage> GetAsync(
        string repository, Uri address, RangeHeaderValue? range, CancellationToken cancellationToken) =>
        SendAsync(repository, HttpMethod.Get, address, range, cancellationToken);

    public bool IsEndpoint(Uri? address) =>
        address is not null && address.Scheme == endpoint.Scheme && address.Host == endpoint.Host
            && address.Port == endpoint.Port;

    /// <summary>Creates the reader of a body.</summary>
    public IdleTimeoutReader Watch(CancellationToken cancellationToken) =>
        new(options.Timeout, options.TimeProvider, cancellationToken);

    public ModelFetchException Unreadable(string repository, string finding, Exception? inner = null) => new(
        repository,
        $"The answer of {endpoint} about {repository} cannot be understood: {finding}. Check that {endpoint} is " +
        "a hub, or try again " +
        "later.",
        isTransient: true,
        inner);

    /// <summary>Returns whether a further attempt can succeed.</summary>
    public static bool IsTransient(Exception e) => e is HttpRequestException or IOException or TimeoutException;

    private async Task<HttpResponseMessage> SendAsync(
        string repository,
        HttpMethod method,
        Uri address,
        RangeHeaderValue? range,
        CancellationToken cancellationToken,
        bool followAway = true)
    {
        for (int i = 0; i <= MaxRedirects; i++)
        {
            using var request = new HttpRequestMessage(method, address);
            request.Headers.Range = range;
            request.Options.Set(RetryKey, OnRetry);
            request.Headers.Authorization = token is not null && IsEndpoint(address) ? new("Bearer", token) : null;
            HttpResponseMessage response;
            try
            {
                response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken)
                    .ConfigureAwait(false);
            }
            catch (Exception e) when (IsTransient(e) && IsEndpoint(address))
            {
                throw HubErrors.Unreachable(repository, this, e);
            }

            if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308)
                || response.Headers.Location is not { } location)
            {
                return response;
            }

            var next = new Uri(address, location);
            if (!followAway && (!IsEndpoint(next) || response.Headers.Contains("X-Linked-ETag")))
            {
                return response;
            }

            response.Dispose();
            if (next.Scheme != Uri.UriSchemeHttps
                && (next.Scheme != Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps))
            {
                throw Unreadable(repository, $"it redirects to an address of the scheme {next.Scheme}");
            }

            address = next;
        }

        throw Unreadable(repository, $"it redirects more than {MaxRedirects} times");
    }

    private async Task<byte[]?> ReadAsync(
        HttpResponseMessage response, int maxLength, CancellationToken cancellationToken)
    {
        using IdleTimeoutReader watch = Watch(cancellationToken);
        using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var content = new MemoryStream();
        byte[] buffer = new byte[1 << 16];
        for (int read; (read = await watch.ReadAsync(stream, buffer).ConfigureAwait(false)) > 0;)
        {
            content.Write(buffer, 0, read);
            if (content.Length > maxLength)
            {
                return null;
            }
        }

        return content.ToArray();
    }
}
