using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Qwen3.Server.Serving;

/// <summary>
/// Lets nobody pass without one of the keys. Where there are none, so that only this machine comes to the server, it is the name in the request that
/// tells a program of this machine from a page of another site, which can let a name of its own point here.
/// </summary>
internal sealed partial class AccessFilter : IEndpointFilter
{
    private const string Scheme = "Bearer ";

    private readonly IOptionsMonitor<Qwen3ServerOptions> _monitor;
    private readonly ILogger<AccessFilter> _logger;
    private volatile Qwen3ServerOptions _valid;
    private volatile bool _hasHadKeys;
    private string? _reported;

    /// <param name="monitor">The options as they are.</param>
    /// <param name="atStart">The options that the server started with.</param>
    /// <param name="logger">Is told of settings that cannot be.</param>
    public AccessFilter(IOptionsMonitor<Qwen3ServerOptions> monitor, IOptions<Qwen3ServerOptions> atStart, ILogger<AccessFilter> logger)
    {
        (_monitor, _logger, _valid) = (monitor, logger, atStart.Value);
        _hasHadKeys = _valid.ApiKeys.Count > 0;
    }

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

    /// <exception cref="ApiException">The request has no key, or none that is known, or came by a name that is none of this machine's.</exception>
    private void Check(HttpContext context)
    {
        Qwen3ServerOptions options = Current();
        if (options.ApiKeys.Count > 0)
        {
            _hasHadKeys = true;
            CheckKey(context.Request.Headers.Authorization.ToString(), options.ApiKeys);
        }
        else if (!options.AllowsAnonymous)
        {
            if (_hasHadKeys)
            {
                // Where it listens was settled when it had some.
                throw new ApiException(
                    StatusCodes.Status503ServiceUnavailable,
                    "The keys of this server are gone from its configuration, and nobody is served until there are some, or it is started without.",
                    "server_error",
                    "no_api_keys");
            }

            if (ListeningCheck.IsOpen(context.GetEndpoint()))
            {
                CheckName(context.Request.Host);
            }
        }
    }

    /// <summary>The options as they are, or as they were when they last could be.</summary>
    private Qwen3ServerOptions Current()
    {
        try
        {
            _valid = _monitor.CurrentValue;
            // The same mistake made again is told again.
            Volatile.Write(ref _reported, null);
            return _valid;
        }
        catch (Exception e) when (e is OptionsValidationException or InvalidOperationException)
        {
            if (Interlocked.Exchange(ref _reported, e.Message) != e.Message)
            {
                LogInvalid(e);
            }

            return _valid;
        }
    }

    private static void CheckKey(string header, IEnumerable<string> keys)
    {
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

    private static void CheckName(HostString host)
    {
        string name = host.Host.Trim('[', ']');
        bool isThisMachine = name.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(name, out IPAddress? ip) && IPAddress.IsLoopback(ip));
        if (!isThisMachine)
        {
            throw new ApiException(
                StatusCodes.Status403Forbidden,
                $"The request is for '{name}'. This server has no keys and answers to localhost and 127.0.0.1 only, so that pages of other sites cannot " +
                "use it. Ask it by one of these, or have it ask for a key.",
                "invalid_request_error",
                "host_not_allowed");
        }
    }

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    private static ApiException Refused(string message) =>
        new(StatusCodes.Status401Unauthorized, message, "invalid_request_error", "invalid_api_key");

    [LoggerMessage(Level = LogLevel.Error, Message = "The configuration was changed to what cannot be; the keys stay as they were")]
    private partial void LogInvalid(Exception exception);
}
