using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Qwen3.Chat.Models.Fetching;

/// <summary>Requests to a hub. The token goes to the hub itself alone, whatever address it sends on to.</summary>
internal sealed class HubConnection(HttpClient http, Uri endpoint, string? token, ModelHubOptions options)
{
    private const int MaxRedirects = 5, MaxJsonLength = 32 << 20;

    public Uri Endpoint => endpoint;

    public bool HasToken => token is not null;

    /// <summary>Gets something as JSON.</summary>
    public async Task<T> GetJsonAsync<T>(string repository, string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage response = await SendAsync(
                repository, HttpMethod.Get, new Uri(endpoint, path), null, cancellationToken).ConfigureAwait(false);
            HubErrors.ThrowIfFailed(response, this, repository, file: null);
            byte[] content = await ReadAsync(response, MaxJsonLength, cancellationToken).ConfigureAwait(false)
                ?? throw Unreadable(repository, $"it is longer than {MaxJsonLength} bytes");
            return JsonSerializer.Deserialize(content, type) ?? throw Unreadable(repository, "it is null");
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

    /// <summary>Asks about a file: the answer of the hub itself, not of where it sends on to.</summary>
    public async Task<HttpResponseMessage> HeadAsync(string repository, HubFile file, CancellationToken cancellationToken)
    {
        HttpResponseMessage response = await SendAsync(
            repository, HttpMethod.Head, file.Address, null, cancellationToken, followAway: false).ConfigureAwait(false);
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

    /// <summary>Gets a file from a byte on. What answers with a failure is returned too.</summary>
    public Task<HttpResponseMessage> GetAsync(string repository, Uri address, RangeHeaderValue? range, CancellationToken cancellationToken) =>
        SendAsync(repository, HttpMethod.Get, address, range, cancellationToken);

    public bool IsEndpoint(Uri? address) =>
        address is not null && address.Scheme == endpoint.Scheme && address.Host == endpoint.Host && address.Port == endpoint.Port;

    /// <summary>What reads an answer's body.</summary>
    public IdleTimeoutReader Watch(CancellationToken cancellationToken) => new(options.Timeout, options.TimeProvider, cancellationToken);

    public ModelFetchException Unreadable(string repository, string finding, Exception? inner = null) =>
        new(
            repository,
            $"{endpoint} answered what cannot be understood about {repository}: {finding}. Check that {endpoint} is a hub, or try again later.",
            inner);

    /// <summary>Whether trying again may help.</summary>
    public static bool IsTransient(Exception e) => e is HttpRequestException or IOException or TimeoutException;

    private async Task<HttpResponseMessage> SendAsync(
        string repository, HttpMethod method, Uri address, RangeHeaderValue? range, CancellationToken cancellationToken, bool followAway = true)
    {
        for (int i = 0; i <= MaxRedirects; i++)
        {
            using var request = new HttpRequestMessage(method, address);
            request.Headers.Range = range;
            request.Headers.Authorization = token is not null && IsEndpoint(address) ? new("Bearer", token) : null;
            HttpResponseMessage response;
            try
            {
                response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (IsTransient(e) && IsEndpoint(address))
            {
                throw HubErrors.Unreachable(repository, this, e);
            }

            if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308) || response.Headers.Location is not { } location)
            {
                return response;
            }

            var next = new Uri(address, location);
            if (!followAway && (!IsEndpoint(next) || response.Headers.Contains("X-Linked-ETag")))
            {
                return response;
            }

            response.Dispose();
            if (next.Scheme != Uri.UriSchemeHttps && (next.Scheme != Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps))
            {
                throw Unreadable(repository, $"it sends on to an address of the kind {next.Scheme}:");
            }

            address = next;
        }

        throw Unreadable(repository, $"it sends on more than {MaxRedirects} times");
    }

    private async Task<byte[]?> ReadAsync(HttpResponseMessage response, int maxLength, CancellationToken cancellationToken)
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
