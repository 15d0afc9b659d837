using System.Net;

namespace Qwen3.Chat.Remote;

/// <summary>A server that hosts a model did not answer, refused the request, or broke off its answer.</summary>
/// <remarks>The API key is neither in the message nor in an inner exception.</remarks>
public sealed class ModelServerException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was wrong and what to do.</param>
    /// <param name="innerException">What it was noticed by.</param>
    public ModelServerException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>Gets the server's address, as it was configured.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>Gets the status of the server's answer; <see langword="null"/> if there was none, or it was broken off.</summary>
    public HttpStatusCode? StatusCode { get; init; }

    /// <summary>
    /// Gets whether the same request may succeed elsewhere or later: the server could not be reached, was overloaded, failed, or broke off. If not,
    /// the request or the configuration is to be mended.
    /// </summary>
    public bool IsUnavailable { get; init; }
}
