using Microsoft.AspNetCore.Http;

namespace Qwen3.Server.Serving;

/// <summary>Answers what fails with an error as OpenAI's clients read it.</summary>
internal sealed class ErrorFilter(ErrorMapping errors) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        HttpContext http = context.HttpContext;
        try
        {
            return await next(context).ConfigureAwait(false);
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            // Whom it was for has gone.
            return Results.Empty;
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            await ErrorMapping.WriteAsync(http, errors.Of(e)).ConfigureAwait(false);
            return Results.Empty;
        }
    }
}
