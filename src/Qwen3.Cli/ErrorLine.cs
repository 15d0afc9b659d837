using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using Qwen3.LlamaCpp;

namespace Qwen3.Cli;

/// <summary>Turns an exception into one line for a reader who knows the command line and not the code.</summary>
internal static partial class ErrorLine
{
    // The options of the libraries, and their switches.
    private static readonly Dictionary<string, string> s_switches = new()
    {
        ["ModelHubOptions.Endpoint"] = "--endpoint",
        [nameof(InferenceEngineOptions.ContextSize)] = "--context",
        [nameof(InferenceEngineOptions.MaxParallelRequests)] = "--parallel",
        [nameof(InferenceEngineOptions.Threads)] = "--threads",
    };

    public static string For(Exception exception)
    {
        string message = exception switch
        {
            ContextLengthException e =>
                $"The prompt has {e.PromptTokens} tokens, and the context {e.ContextSize}. Shorten the prompt, " +
                "or raise --context.",
            InsufficientModelMemoryException e =>
                $"{ByteSize.Text(e.RequiredBytes)} of memory are needed, and {ByteSize.Text(e.AvailableBytes)} " +
                "are free. " +
                "Give a smaller --context, use a smaller quantization of the model, or close other programs.",
            ArgumentException { ParamName: { } parameter } => exception.Message
                .Replace($" (Parameter '{parameter}')", "", StringComparison.Ordinal),
            _ => exception.Message,
        };
        string line = LineBreaks().Replace(InWordsOfTheCommandLine(message.Trim()), " ");
        bool isExpected = exception is CommandException or Qwen3Exception or IOException
            or UnauthorizedAccessException or ArgumentException or NotSupportedException or HttpRequestException
            or OptionsValidationException;
        return isExpected ? line : $"{line} ({exception.GetType().Name}; {Qwen3CommandLine.Verbose} shows the details)";
    }

    /// <summary>
    /// Replaces the names of the libraries' options by switches; options without a switch have a variable beside them.
    /// </summary>
    private static string InWordsOfTheCommandLine(string message)
    {
        message = OptionNames().Replace(message,
            match => s_switches.GetValueOrDefault(match.Groups["option"].Value) is { } name
            ? $"{name}{match.Groups["separator"].Value}"
            : "");
        return s_switches.Aggregate(
            message, (text, option) => text.Replace(option.Key, option.Value, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"(?<option>\bModelHubOptions\.\w+)(?<separator>, | or )")]
    private static partial Regex OptionNames();

    [GeneratedRegex(@"\s*[\r\n]+\s*")]
    private static partial Regex LineBreaks();
}
