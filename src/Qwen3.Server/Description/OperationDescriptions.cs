using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;
using Qwen3.Server.Wire;

namespace Qwen3.Server.Description;

/// <summary>Describes the endpoints for OpenAPI documents.</summary>
internal static class OperationDescriptions
{
    public const string SecurityScheme = "Qwen3ApiKey";

    private const string Json = "application/json", EventStream = "text/event-stream", AnyType = "*/*";

    public static void DescribeChatCompletions(this RouteHandlerBuilder endpoint) => endpoint
        .WithName("createChatCompletion")
        .WithTags("Chat")
        .WithSummary("Answers a conversation")
        .WithDescription(
            "The whole conversation is sent each time, and what was computed of it before is not computed again. With `stream` the answer comes as " +
            "server-sent events, the last of which is `[DONE]`. An error after the first event is an event with an `error`, and no `[DONE]` follows.")
        // Any type comes in, or routing would refuse it before this library can say why.
        .Accepts<ChatCompletionRequest>(Json, AnyType)
        .Produces<ChatCompletion>(StatusCodes.Status200OK, Json)
        .ProducesErrors(
            StatusCodes.Status400BadRequest,
            StatusCodes.Status401Unauthorized,
            StatusCodes.Status403Forbidden,
            StatusCodes.Status404NotFound,
            StatusCodes.Status408RequestTimeout,
            StatusCodes.Status413PayloadTooLarge,
            StatusCodes.Status415UnsupportedMediaType,
            StatusCodes.Status429TooManyRequests,
            StatusCodes.Status500InternalServerError,
            StatusCodes.Status502BadGateway,
            StatusCodes.Status503ServiceUnavailable)
        .AddOpenApiOperationTransformer(async (operation, context, cancellationToken) =>
        {
            AddSecurity(operation, context);
            operation.RequestBody?.Content?.Remove(AnyType);
            AddExamples(operation.RequestBody?.Content, Json, ChatExamples.Requests);
            IDictionary<string, OpenApiMediaType>? answers = operation.Responses?["200"].Content;
            AddExamples(answers, Json, ChatExamples.Answers);
            answers?.Add(EventStream, new()
            {
                Schema = await context.GetOrCreateSchemaAsync(typeof(ChatCompletionChunk), null, cancellationToken).ConfigureAwait(false),
            });
        });

    public static void DescribeModels(this RouteHandlerBuilder endpoint) => endpoint
        .WithName("listModels")
        .WithTags("Models")
        .WithSummary("Lists the models that are served")
        .Produces<ModelList>(StatusCodes.Status200OK, Json)
        .ProducesErrors(StatusCodes.Status401Unauthorized, StatusCodes.Status403Forbidden)
        .AddOpenApiOperationTransformer((operation, context, _) =>
        {
            AddSecurity(operation, context);
            return Task.CompletedTask;
        });

    public static void DescribeModel(this RouteHandlerBuilder endpoint) => endpoint
        .WithName("retrieveModel")
        .WithTags("Models")
        .WithSummary("Tells of one model")
        .Produces<ModelCard>(StatusCodes.Status200OK, Json)
        .ProducesErrors(StatusCodes.Status401Unauthorized, StatusCodes.Status403Forbidden, StatusCodes.Status404NotFound)
        .AddOpenApiOperationTransformer((operation, context, _) =>
        {
            AddSecurity(operation, context);
            return Task.CompletedTask;
        });

    private static RouteHandlerBuilder ProducesErrors(this RouteHandlerBuilder endpoint, params ReadOnlySpan<int> statusCodes)
    {
        foreach (int statusCode in statusCodes)
        {
            endpoint.Produces<ErrorResponse>(statusCode, Json);
        }

        return endpoint;
    }

    private static void AddSecurity(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        if (context.ApplicationServices.GetRequiredService<IOptions<Qwen3ServerOptions>>().Value.ApiKeys.Count > 0)
        {
            (operation.Security ??= []).Add(new() { [new OpenApiSecuritySchemeReference(SecurityScheme, context.Document)] = [] });
        }
    }

    private static void AddExamples(IDictionary<string, OpenApiMediaType>? content, string type, IReadOnlyDictionary<string, string> examples)
    {
        if (content?.TryGetValue(type, out OpenApiMediaType? media) == true)
        {
            media.Examples = examples.ToDictionary(
                example => example.Key,
                IOpenApiExample (example) => new OpenApiExample { Summary = example.Key.Replace('-', ' '), Value = JsonNode.Parse(example.Value) });
        }
    }
}
