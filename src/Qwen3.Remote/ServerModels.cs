using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Qwen3.Chat;

namespace Qwen3.Remote;

/// <summary>What a server says of itself.</summary>
/// <param name="http">The HTTP client.</param>
/// <param name="endpoint">The OpenAI-compatible endpoint.</param>
/// <param name="apiKey">The key, if it asks for one.</param>
/// <param name="timeout">How long it may be silent.</param>
internal sealed class ServerModels(HttpClient http, Uri endpoint, string? apiKey, TimeSpan timeout)
{
    private readonly Uri _models = new($"{endpoint.AbsoluteUri.TrimEnd('/')}/models");

    /// <summary>Which server it is; <see langword="null"/> if it did not say, as where the key is wrong.</summary>
    /// <param name="model">The model that is to answer.</param>
    /// <param name="cancellationToken">Ends the asking.</param>
    /// <exception cref="ModelServerException">It has no such model, and would have another one answer.</exception>
    public async Task<ModelServer?> DetectAsync(string model, CancellationToken cancellationToken)
    {
        if (await GetAsync(_models, cancellationToken).ConfigureAwait(false) is not { } models)
        {
            return null;
        }

        IReadOnlyList<(string Id, string? Owner, bool IsAsked)> listed = Read(models, model);
        string? owner = listed.FirstOrDefault(entry => entry.IsAsked).Owner ?? listed.FirstOrDefault().Owner;
        ModelServer? server = owner switch
        {
            "vllm" => ModelServer.Vllm,
            "sglang" => ModelServer.SGLang,
            "llamacpp" => ModelServer.LlamaServer,
            "qwen3sk" => ModelServer.Qwen3Server,
            "organization_owner" => ModelServer.LMStudio,
            _ when await GetAsync(new(OllamaServerClient.Address(endpoint), "api/version"), cancellationToken).ConfigureAwait(false) is { } version &&
                Text(version, "version") is not null => ModelServer.Ollama,
            _ => ModelServer.Other,
        };

        // These do not look at the name: with the wrong one, the model that they have would be treated as the one that they have not.
        return server is ModelServer.SGLang or ModelServer.LlamaServer && !listed.Any(entry => entry.IsAsked)
            ? throw NoSuchModel(model, listed.Select(entry => entry.Id))
            : server;
    }

    /// <summary>
    /// Says which models there are; <see langword="null"/> if the server does not, as where the address is wrong, or if the model is one of them.
    /// </summary>
    public async Task<ModelServerException?> NoSuchModelAsync(string model, CancellationToken cancellationToken)
    {
        if (await GetAsync(_models, cancellationToken).ConfigureAwait(false) is not { } models)
        {
            return null;
        }

        IReadOnlyList<(string Id, string? Owner, bool IsAsked)> listed = Read(models, model);
        return listed.Any(entry => entry.IsAsked) ? null : NoSuchModel(model, listed.Select(entry => entry.Id));
    }

    /// <summary>The models that are listed: their names, whose they are, and whether it is the one that is asked, by whichever of its names.</summary>
    private static IReadOnlyList<(string Id, string? Owner, bool IsAsked)> Read(JsonElement models, string model)
    {
        if (models.ValueKind != JsonValueKind.Object || !models.TryGetProperty("data", out JsonElement data) || data.ValueKind != JsonValueKind.Array)
        {
            return [];
        }

        return [.. data.EnumerateArray().Select(entry => (Text(entry, "id") ?? "", Text(entry, "owned_by"), Text(entry, "id") == model || HasAlias(entry, model)))];
    }

    private static bool HasAlias(JsonElement entry, string model) =>
        entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty("aliases", out JsonElement aliases) && aliases.ValueKind == JsonValueKind.Array &&
        aliases.EnumerateArray().Any(alias => alias.ValueKind == JsonValueKind.String && alias.ValueEquals(model));

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private async Task<JsonElement?> GetAsync(Uri address, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Authorization = apiKey is null ? null : new AuthenticationHeaderValue("Bearer", apiKey);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(timeout);
        using HttpResponseMessage response = await http.SendAsync(request, patience.Token).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            return null;
        }

        string text = await response.Content.ReadAsStringAsync(patience.Token).ConfigureAwait(false);
        return LenientJson.TryParseStrictly(text, out JsonElement json) ? json : null;
    }

    private ModelServerException NoSuchModel(string model, IEnumerable<string> models)
    {
        string known = string.Join(", ", models.Select(id => $"'{id}'"));
        string advice = known.Length > 0
            ? $"It has {known}: name one of these, or start it with that model."
            : "Start it with that model, or name one that it has.";
        return new($"The server at {endpoint} has no model '{model}'. {advice}")
        {
            Endpoint = endpoint,
            StatusCode = HttpStatusCode.NotFound,
        };
    }
}
