using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Qwen3.SemanticKernel.Mapping;

/// <summary>Reads the streams that functions return.</summary>
internal static class FunctionStreams
{
    private static readonly MethodInfo s_read = typeof(FunctionStreams).GetMethod(
        nameof(ReadAsync),
        BindingFlags.NonPublic | BindingFlags.Static
    )!;

    /// <summary>
    /// The type of the items of an <see cref="IAsyncEnumerable{T}"/>; <see langword="null"/> for other values.
    /// </summary>
    [UnconditionalSuppressMessage(
        "Trimming",
        "IL2075",
        Justification = "The interface is there, as the value implements it."
    )]
    public static Type? ElementOf(object value) =>
        value
            .GetType()
            .GetInterfaces()
            .FirstOrDefault(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>))
            ?.GenericTypeArguments[0];

    /// <summary>
    /// Reads the items of an <see cref="IAsyncEnumerable{T}"/>, and stops when cancelled also where the stream does
    /// not.
    /// </summary>
    /// <param name="value">The stream.</param>
    /// <param name="element">The type of its items.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static IAsyncEnumerable<object?> Read(object value, Type element, CancellationToken cancellationToken) =>
        // All types of references are objects here.
        value is IAsyncEnumerable<object?> objects
            ? ReadAsync(objects, cancellationToken)
            : (IAsyncEnumerable<object?>)Reader(element).Invoke(null, [value, cancellationToken])!;

    /// <summary>Reads the items of a list as a stream.</summary>
    public static async IAsyncEnumerable<object?> Read(
        IEnumerable<object?> items,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        foreach (object? item in items)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return item;
        }
    }

    [UnconditionalSuppressMessage(
        "Trimming",
        "IL2060",
        Justification = "The method has no requirements on its type parameter."
    )]
    [UnconditionalSuppressMessage(
        "AOT",
        "IL3050",
        Justification = "Where there is no code for it, the exception is told to the model."
    )]
    private static MethodInfo Reader(Type element) => s_read.MakeGenericMethod(element);

    private static async IAsyncEnumerable<object?> ReadAsync<T>(
        IAsyncEnumerable<T> stream,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (T item in stream.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            // A stream may ignore the token.
            cancellationToken.ThrowIfCancellationRequested();
            yield return item;
        }
    }
}
