using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;
using Qwen3.Server.Serving;
using Scalar.AspNetCore;

namespace Qwen3.Server;

/// <summary>A program of its own that serves a model, as <c>qwen3 serve</c> runs it.</summary>
/// <remarks>
/// Beside the endpoints of <c>MapQwen3</c> below <c>/v1</c> it has <c>/health</c>, <c>/metrics</c> for Prometheus (with a key, where there are keys),
/// the description at <c>/openapi/v1.json</c> and, at <c>/docs</c>, a page to try it.
/// </remarks>
public static class Qwen3ServerHost
{
    /// <summary>Creates the program. Run it with <see cref="WebApplication.RunAsync(string?)"/>; when it is disposed the model is freed.</summary>
    /// <param name="modelPath">The GGUF file of a Qwen3-4B model.</param>
    /// <param name="options">Where to listen, keys and limits; the defaults if <see langword="null"/>.</param>
    /// <returns>The program, not started.</returns>
    /// <exception cref="ArgumentException">The host or the port is none.</exception>
    /// <exception cref="InvalidOperationException">Other machines could come to the server, and no key is set.</exception>
    /// <exception cref="OptionsValidationException">An option is outside its range.</exception>
    public static WebApplication Create(string modelPath, Qwen3ServerHostOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(modelPath);
        options ??= new();
        string address = Address(options);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(address);
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Services.AddQwen3ChatClient(modelPath, model =>
        {
            model.LoadAtStart = true;
            options.ConfigureModel?.Invoke(model);
        });
        // A misspelt ApiKeys would leave the door open.
        builder.Services.AddQwen3Server()
            .Bind(builder.Configuration.GetSection("Qwen3Server"), binding => binding.ErrorOnUnknownConfiguration = true)
            .Configure(options.ConfigureServer ?? (_ => { }));
        builder.Services.AddHealthChecks().AddQwen3();
        builder.Services.AddOpenApi(document => document.AddDocumentTransformer((description, _, _) =>
        {
            description.Info = new() { Title = "Qwen3", Version = "v1", Description = "Qwen3-4B by OpenAI's chat completions." };
            return Task.CompletedTask;
        }));
        builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddMeter(ServerMetrics.MeterName, "Qwen3.LlamaCpp")
            .AddMeter("Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime")
            .AddPrometheusExporter());
        options.ConfigureBuilder?.Invoke(builder);

        WebApplication app = builder.Build();
        try
        {
            ListeningCheck.Require([address], app.Services.GetRequiredService<IOptions<Qwen3ServerOptions>>().Value);
        }
        catch
        {
            ((IDisposable)app).Dispose();
            throw;
        }

        app.MapQwen3("/v1");
        app.MapHealthChecks("/health");
        app.MapPrometheusScrapingEndpoint(
            "/metrics", meterProvider: null, branch => branch.Use(app.Services.GetRequiredService<AccessFilter>().InvokeAsync), optionsName: null);
        app.MapOpenApi();
        app.MapGet("/", () => Results.Redirect("/docs")).ExcludeFromDescription();
        // Scalar's own services (editor, upload, deployment, registry, agent) are not this server's.
        app.MapScalarApiReference("/docs", page => page.WithTitle("Qwen3")
            .DisableTelemetry().DisableAgent().DisableMcp().DisableDefaultFonts().HideDeveloperTools().HideClientButton());
        app.Use((context, next) =>
        {
            if (context.Request.Path.StartsWithSegments("/docs"))
            {
                context.Response.Headers.ContentSecurityPolicy = PagePolicy;
            }

            return next(context);
        });
        return app;
    }

    // The page loads nothing from other sites.
    private const string PagePolicy =
        "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
        "worker-src 'self' blob:; frame-ancestors 'none'";

    private static string Address(Qwen3ServerHostOptions options)
    {
        if (options.Port is < 0 or > 65_535)
        {
            throw new ArgumentException($"The port is {options.Port}; it must be from 0 (a free one) to 65535.", nameof(options));
        }

        // Any other name would be taken for "all addresses".
        string host = options is { Host: "localhost", Port: 0 } ? "127.0.0.1" // Of two addresses, which would get different ports.
            : options.Host is "*" or "localhost" ? options.Host
            : !IPAddress.TryParse(options.Host, out IPAddress? ip) ? throw new ArgumentException(
                $"The host is '{options.Host}'; it must be localhost, an IP address of this machine, or * for all.", nameof(options))
            : ip.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{ip}]"
            : ip.ToString();
        return $"http://{host}:{options.Port}";
    }
}
