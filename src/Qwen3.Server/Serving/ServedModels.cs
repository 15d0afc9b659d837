using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Qwen3.Server.Serving;

/// <summary>The models that are served: the application's chat clients.</summary>
internal sealed class ServedModels(ClientKeys clients, IOptions<Qwen3ServerOptions> options, TimeProvider timeProvider)
{
    private IReadOnlyList<ServedModel>? _models;

    /// <summary>When the server began to serve.</summary>
    public DateTimeOffset Since { get; } = timeProvider.GetUtcNow();

    public bool IsEmpty => !clients.HasUnkeyed && !clients.Keys.Any();

    /// <summary>All of them, the one that answers requests without a name first.</summary>
    /// <param name="services">The services of a request.</param>
    public IReadOnlyList<ServedModel> All(IServiceProvider services) => _models ??= [.. Find(services)];

    /// <exception cref="ApiException">There is no model of that name.</exception>
    public ServedModel Find(string? id, IServiceProvider services)
    {
        IReadOnlyList<ServedModel> all = All(services);
        return string.IsNullOrEmpty(id)
            ? all[0]
            : all.FirstOrDefault(model => model.Id == id) ?? throw new ApiException(
                StatusCodes.Status404NotFound,
                $"The model '{id}' is not served here. What there is: {string.Join(", ", all.Select(model => $"'{model.Id}'"))}.",
                "invalid_request_error",
                "model_not_found",
                "model");
    }

    private IEnumerable<ServedModel> Find(IServiceProvider services)
    {
        if (clients.HasUnkeyed)
        {
            string? name = options.Value.ModelId ?? services.GetRequiredService<IChatClient>().GetService<ChatClientMetadata>()?.DefaultModelId;
            yield return new(string.IsNullOrWhiteSpace(name) ? "default" : name, ServiceKey: null);
        }

        foreach (string key in clients.Keys)
        {
            yield return new(key, key);
        }
    }
}
