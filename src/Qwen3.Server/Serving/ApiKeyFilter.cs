using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Qwen3.Server.Serving;

/// <summary>Lets nobody pass without one of the keys, where there are any.</summary>
internal sealed class ApiKeyFilter(IOptionsMonitor<Qwen3ServerOptions> options) : IEndpointFilter
{
    private const string Scheme = "Bearer ";

    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        Check(context.HttpContext);
        return next(context);
    }

    /// <summary>The same for what is no endpoint of this library's.</summary>
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            Check(context);
        }
        catch (ApiException e)
        {
            await ErrorMapping.WriteAsync(context, e).ConfigureAwait(false);
            return;
        }

        await next(context).ConfigureAwait(false);
    }

    /// <exception cref="ApiException">The request has no key, or none that is known.</exception>
    private void Check(HttpContext context)
    {
        IList<string> keys = options.CurrentValue.ApiKeys;
        if (keys.Count == 0)
        {
            return;
        }

        string header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            throw Refused("No key was sent. Send it as 'Authorization: Bearer KEY'.");
        }

        byte[] sent = Hash(header[Scheme.Length..].Trim());
        bool isKnown = false;
        foreach (string key in keys)
        {
            // Of the same length, compared to the end, and all of them: the time it takes tells nothing.
            isKnown |= CryptographicOperations.FixedTimeEquals(sent, Hash(key));
        }

        if (!isKnown)
        {
            throw Refused("The key is none of this server's.");
        }
    }

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    private static ApiException Refused(string message) =>
        new(StatusCodes.Status401Unauthorized, message, "invalid_request_error", "invalid_api_key");
}
