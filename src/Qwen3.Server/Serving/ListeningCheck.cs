using System.Net;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Qwen3.Server.Serving;

/// <summary>Keeps a server that other machines reach from starting where nobody needs a key.</summary>
internal sealed class ListeningCheck(IServiceProvider services, IOptions<Qwen3ServerOptions> options) : IHostedLifecycleService
{
    /// <summary>Whether only this machine can come to an address that a server listens at.</summary>
    public static bool IsLocal(string address)
    {
        var parsed = BindingAddress.Parse(address);
        return parsed.IsUnixPipe || parsed.IsNamedPipe || parsed.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(parsed.Host, out IPAddress? ip) && IPAddress.IsLoopback(ip));
    }

    /// <summary>Whether an endpoint asks for no authorization of the application's own.</summary>
    public static bool IsOpen(Endpoint? endpoint) =>
        endpoint?.Metadata.GetMetadata<IAuthorizeData>() is null || endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null;

    /// <exception cref="InvalidOperationException">Other machines can come to the server, and it has no keys.</exception>
    public static void Require(IEnumerable<string> addresses, Qwen3ServerOptions options)
    {
        if (options.ApiKeys.Count == 0 && !options.AllowsAnonymous && addresses.FirstOrDefault(address => !IsLocal(address)) is { } open)
        {
            throw new InvalidOperationException(
                $"The server listens at {open}, where other machines reach it, and everybody could use the model. Set a key " +
                $"({nameof(Qwen3ServerOptions)}.{nameof(Qwen3ServerOptions.ApiKeys)}), listen on 127.0.0.1, or set " +
                $"{nameof(Qwen3ServerOptions.AllowsAnonymous)} where something else keeps the door.");
        }
    }

    /// <summary>Called once the server listens, for only then its addresses are known.</summary>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        // Read in any case: these are what the server was started with.
        Qwen3ServerOptions atStart = options.Value;
        if (services.GetService<IServer>()?.Features.Get<IServerAddressesFeature>() is { } feature && HasOpenEndpoints())
        {
            Require(feature.Addresses, atStart);
        }

        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private bool HasOpenEndpoints() => services.GetRequiredService<EndpointDataSource>().Endpoints.Any(endpoint =>
        endpoint.Metadata.GetMetadata<Qwen3Endpoint>() is not null && IsOpen(endpoint));

    /// <summary>Marks an endpoint as one of these.</summary>
    internal sealed class Qwen3Endpoint;
}
