using System.Text.Json;
using Qwen3.Chat;

namespace Qwen3.Remote;

/// <summary>Asks a server which server it is and which models it has.</summary>
internal sealed class ServerModels(ServerConnection connection, Uri endpoint, ServerErrors errors)
{
    private readonly Uri _models = new($"{endpoint.AbsoluteUri.TrimEnd('/')}/models");

    /// <summary>Returns which server it is; <see langword="null"/> if it did not say, as with a wrong key.</summary>
    /// <exception cref="ModelServerException">The server lacks the model and would have another one answer.</exception>
    public async Task<ModelServer?> DetectAsync(string model, CancellationToken cancellationToken)
    {
        if (await connection.GetAsync(_models, cancellationToken).ConfigureAwait(false) is not { } models)
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
            _ when await IsOllamaAsync(cancellationToken).ConfigureAwait(false) => ModelServer.Ollama,
            _ => ModelServer.Other,
        };

        // These ignore the model's name: the model that they have would be treated as the one that was named.
        return server is ModelServer.SGLang or ModelServer.LlamaServer && !listed.Any(entry => entry.IsAsked)
            ? throw errors.NoSuchModel(model, listed.Select(entry => entry.Id))
            : server;
    }

    /// <summary>
    /// Returns the exception that lists the server's models; <see langword="null"/> if the server lists none, as with a
    /// wrong address, or if it has the model.
    /// </summary>
    public async Task<ModelServerException?> NoSuchModelAsync(string model, CancellationToken cancellationToken)
    {
        if (await connection.GetAsync(_models, cancellationToken).ConfigureAwait(false) is not { } models)
        {
            return null;
        }

        IReadOnlyList<(string Id, string? Owner, bool IsAsked)> listed = Read(models, model);
        return listed.Any(entry => entry.IsAsked) ? null : errors.NoSuchModel(model, listed.Select(entry => entry.Id));
    }

    /// <summary>
    /// Returns the names of the models, their owners, and whether it is the one that is asked, by any of its names.
    /// </summary>
    private static IReadOnlyList<(string Id, string? Owner, bool IsAsked)> Read(JsonElement models, string model)
    {
        JsonElement data = WireJson.Get(models, "data");
        return data.ValueKind != JsonValueKind.Array ? [] : [.. data.EnumerateArray().Select(entry =>
        {
            string id = WireJson.Scalar(WireJson.Get(entry, "id")) ?? "";
            return (id, WireJson.Scalar(WireJson.Get(entry, "owned_by")), id == model || HasAlias(entry, model));
        })];
    }

    private async Task<bool> IsOllamaAsync(CancellationToken cancellationToken)
    {
        Uri address = OllamaRequest.Address(endpoint, "api/version");
        JsonElement? version = await connection.GetAsync(address, cancellationToken).ConfigureAwait(false);
        return version is not null && WireJson.Scalar(WireJson.Get(version.Value, "version")) is not null;
    }

    private static bool HasAlias(JsonElement entry, string model) =>
        WireJson.Get(entry, "aliases") is { ValueKind: JsonValueKind.Array } aliases &&
        aliases.EnumerateArray().Any(alias => WireJson.Scalar(alias) == model);
}
