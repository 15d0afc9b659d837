using System.Net;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat;

/// <summary>
/// A server that hosts a model cannot be reached, refused the request, broke off its answer, or sent an unreadable
/// answer.
/// </summary>
/// <remarks>
/// <see cref="IsTransient"/> is <see langword="true"/> where the same request can succeed later or on another server:
/// the server could not be reached, was overloaded, failed, or broke off. Otherwise the request or the configuration
/// has to change. The API key is neither in the message nor in an inner exception.
/// </remarks>
public sealed class ModelServerException : Qwen3Exception
{
    /// <summary>Initializes a new instance of the <see cref="ModelServerException"/> class.</summary>
    /// <param name="message">What failed, and what to do.</param>
    /// <param name="isTransient">Whether the same request can succeed later or on another server.</param>
    /// <param name="innerException">The cause, or <see langword="null"/>.</param>
    public ModelServerException(string message, bool isTransient = false, Exception? innerException = null)
        : base(message, innerException) => IsTransient = isTransient;

    /// <inheritdoc/>
    public override bool IsTransient { get; }

    /// <summary>Gets the configured address of the server.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>
    /// Gets the HTTP status of the answer; <see langword="null"/> without an answer, and where an answer broke off.
    /// </summary>
    public HttpStatusCode? StatusCode { get; init; }
}
