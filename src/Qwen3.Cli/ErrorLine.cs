using System.Text.RegularExpressions;
using Qwen3.Chat.Models;
using Qwen3.LlamaCpp;

namespace Qwen3.Cli;

/// <summary>An exception in one line for a reader who has not seen the code.</summary>
internal static partial class ErrorLine
{
    public static string Of(Exception exception)
    {
        string message = exception switch
        {
            // These know the options of the libraries, and the reader those of the command line.
            ContextLengthException e =>
                $"The prompt has {e.PromptTokens} tokens, and the context {e.ContextSize}. Shorten the prompt, or raise --context.",
            InsufficientModelMemoryException e =>
                $"{ByteSize.Text(e.RequiredBytes)} of memory are needed, and {ByteSize.Text(e.AvailableBytes)} are free. " +
                "Give a smaller --context, take a smaller quantization of the model, or close other programs.",
            ArgumentException { ParamName: { } parameter } => exception.Message
                .Replace($" (Parameter '{parameter}')", "", StringComparison.Ordinal)
                .Replace(nameof(InferenceEngineOptions.ContextSize), "--context", StringComparison.Ordinal),
            _ => exception.Message,
        };
        string line = LineBreaks().Replace(message.Trim(), " ");
        bool isExpected = exception is CommandException or LlamaException or IOException or UnauthorizedAccessException or ArgumentException
            or NotSupportedException or HttpRequestException or ModelFetchException;
        return isExpected ? line : $"{line} ({exception.GetType().Name}; {Qwen3CommandLine.Verbose} shows where)";
    }

    [GeneratedRegex(@"\s*[\r\n]+\s*")]
    private static partial Regex LineBreaks();
}
