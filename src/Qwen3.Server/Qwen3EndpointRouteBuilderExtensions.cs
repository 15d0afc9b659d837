using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Qwen3.Server.Description;
using Qwen3.Server.Serving;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps the endpoints that OpenAI's clients ask.</summary>
public static class Qwen3EndpointRouteBuilderExtensions
{
    /// <summary>Maps <c>chat/completions</c> and <c>models</c> below a prefix, over the application's chat clients.</summary>
    /// <param name="endpoints">The application, whose services have <c>AddQwen3Server</c>.</param>
    /// <param name="prefix">What their paths begin with.</param>
    /// <returns>A builder for what holds for these endpoints, such as <c>RequireAuthorization()</c> or <c>RequireCors(...)</c>.</returns>
    /// <exception cref="InvalidOperationException"><c>AddQwen3Server</c> is missing, or no chat client is registered.</exception>
    public static IEndpointConventionBuilder MapQwen3(this IEndpointRouteBuilder endpoints, string prefix = "/v1")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(prefix);
        ServedModels served = endpoints.ServiceProvider.GetService<ServedModels>() ?? throw new InvalidOperationException(
            "MapQwen3 needs services that are not there. Call builder.Services.AddQwen3Server() before the application is built.");
        if (served.IsEmpty)
        {
            throw new InvalidOperationException(
                "MapQwen3 serves the application's chat clients, and there are none. Register one: " +
                "builder.Services.AddQwen3ChatClient(\"MODEL.gguf\").");
        }

        RouteGroupBuilder group = endpoints.MapGroup(prefix);
        group.AddEndpointFilter<RouteGroupBuilder, ErrorFilter>();
        // The one of the application: a type would be made anew for each request, and know nothing of those before.
        group.AddEndpointFilter(endpoints.ServiceProvider.GetRequiredService<AccessFilter>());
        group.WithMetadata(new ListeningCheck.Qwen3Endpoint());
        group.MapPost("/chat/completions", static (HttpContext context, ChatCompletionsEndpoint chat) => chat.AnswerAsync(context)).DescribeChatCompletions();
        group.MapGet("/models", static (HttpContext context, ModelsEndpoint models) => models.ListAsync(context)).DescribeModels();
        // To the end, for names of models have slashes.
        group.MapGet("/models/{**id}", static (HttpContext context, string id, ModelsEndpoint models) => models.GetAsync(context, id)).DescribeModel();
        if (prefix.Trim('/').Length > 0)
        {
            // Where all paths are the application's, those that are none of these are too.
            group.Map("/{**path}", UnknownEndpoint.Refuse).WithOrder(int.MaxValue).ExcludeFromDescription();
        }

        return group;
    }
}
