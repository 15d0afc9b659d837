using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Qwen3.Agents;

/// <summary>Executes functions, each in its own service scope.</summary>
internal static class ScopedCall
{
    public static async ValueTask<object?> InvokeAsync(
        AIFunction function, AIFunctionArguments arguments, IServiceProvider? services, CancellationToken cancellationToken)
    {
        if (services?.GetService<IServiceScopeFactory>() is not { } scopes)
        {
            arguments.Services = services;
            return await function.InvokeAsync(arguments, cancellationToken).ConfigureAwait(false);
        }

        AsyncServiceScope scope = scopes.CreateAsyncScope();
        await using (scope.ConfigureAwait(false))
        {
            arguments.Services = scope.ServiceProvider;
            return await function.InvokeAsync(arguments, cancellationToken).ConfigureAwait(false);
        }
    }
}
