using Microsoft.SemanticKernel;

namespace FunctionCalling;

/// <summary>
/// Prints the pieces of a stream: a line for the reasoning, dimmed where the terminal can, one for each call, one for
/// the answer.
/// </summary>
internal sealed class AnswerPrinter : IDisposable
{
    private Type? _open;

    public void Print(StreamingKernelContent content)
    {
        if (content.GetType() != _open || content is StreamingFunctionCallUpdateContent)
        {
            EndLine();
            _open = content.GetType();
            Console.Write(content switch
            {
                StreamingReasoningContent => Dim("  thinks  "),
                StreamingFunctionCallUpdateContent => "  calls   ",
                _ => "  answer  ",
            });
        }

        Console.Write(content switch
        {
            StreamingReasoningContent reasoning => Dim(reasoning.Text),
            StreamingFunctionCallUpdateContent call => $"{call.Name}({call.Arguments})",
            _ => content.ToString(),
        });
    }

    public void EndLine()
    {
        if (_open is not null)
        {
            Console.WriteLine();
            _open = null;
        }
    }

    public void Dispose() => EndLine();

    private static string Dim(string? text) => Console.IsOutputRedirected ? text ?? "" : $"\e[2m{text}\e[0m";
}
