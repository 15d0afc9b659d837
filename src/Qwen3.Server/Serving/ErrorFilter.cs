using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Qwen3.Server.Serving;

/// <summary>Answers what fails with an error as OpenAI's clients read it.</summary>
internal sealed partial class ErrorFilter(ErrorMapping errors, ILogger<ErrorFilter> logger) : IEndpointFilter
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
            ApiException error = errors.Of(e);
            if (error.StatusCode >= StatusCodes.Status500InternalServerError && e is not ApiException)
            {
                LogFailure(e);
            }

            await ErrorMapping.WriteAsync(http, error).ConfigureAwait(false);
            return Results.Empty;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A request failed")]
    private partial void LogFailure(Exception exception);
}
