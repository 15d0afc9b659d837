using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;

namespace Qwen3.Server.Description;

/// <summary>Adds to the application's OpenAPI documents what endpoints cannot add by themselves.</summary>
internal static class DocumentDescription
{
    public static void AddTo(OpenApiOptions options)
    {
        options.AddSchemaTransformer((schema, context, _) =>
        {
            SchemaDescriptions.Complete(schema, context.JsonTypeInfo.Type, context.JsonPropertyInfo);
            return Task.CompletedTask;
        });
        options.AddDocumentTransformer((document, context, _) =>
        {
            if (context.ApplicationServices.GetRequiredService<IOptions<Qwen3ServerOptions>>().Value.ApiKeys.Count > 0)
            {
                document.AddComponent<IOpenApiSecurityScheme>(
                    OperationDescriptions.SecurityScheme,
                    new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "One of the server's keys." });
            }

            return Task.CompletedTask;
        });
    }
}
