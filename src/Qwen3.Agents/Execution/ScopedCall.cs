using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Qwen3.Agents;

/// <summary>Calls functions, each in a scope of its own where services have scopes.</summary>
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
