using System.ComponentModel;
using Microsoft.SemanticKernel;

namespace Concepts.Parts;

internal sealed class MailPlugin
{
    [KernelFunction, Description("Sends a message to a person.")]
    public static string SendMessage(
        [Description("The person")] string recipient,
        [Description("The message")] string message)
    {
        Console.WriteLine($"  mail      to {recipient}: {message}");
        return $"Message sent to {recipient}.";
    }
}
