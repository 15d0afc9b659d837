using System.Text.RegularExpressions;
using Qwen3.LlamaCpp;

namespace Qwen3.Cli;

/// <summary>An exception in one line for a reader who has not seen the code.</summary>
internal static partial class ErrorLine
{
    public static string Of(Exception exception)
    {
        string message = exception.Message;
        if (exception is ArgumentException { ParamName: { } parameter })
        {
            message = message.Replace($" (Parameter '{parameter}')", "", StringComparison.Ordinal);
        }

        string line = LineBreaks().Replace(message.Trim(), " ");
        bool isExpected = exception is CommandException or LlamaException or IOException or UnauthorizedAccessException or ArgumentException
            or NotSupportedException or HttpRequestException;
        return isExpected ? line : $"{line} ({exception.GetType().Name}; {Qwen3CommandLine.Verbose} shows where)";
    }

    [GeneratedRegex(@"\s*[\r\n]+\s*")]
    private static partial Regex LineBreaks();
}
