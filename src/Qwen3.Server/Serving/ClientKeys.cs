using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Qwen3.Server.Serving;

/// <summary>Tells under which keys the application has registered chat clients, also after the server was added.</summary>
internal sealed class ClientKeys(IServiceCollection services)
{
    public bool HasUnkeyed => services.Any(service => service.ServiceType == typeof(IChatClient) && !service.IsKeyedService);

    public IEnumerable<string> Keys => services
        .Where(service => service.ServiceType == typeof(IChatClient) && service.IsKeyedService)
        .Select(service => service.ServiceKey)
        .OfType<string>()
        .Distinct();
}
