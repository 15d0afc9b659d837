using System.ComponentModel;
using Microsoft.SemanticKernel;

namespace FunctionCalling.Plugins;

internal sealed class MailPlugin
{
    [KernelFunction, Description("Sends a message to a person.")]
    public static string SendMessage(
        [Description("The person")] string recipient,
        [Description("The message")] string message
    ) => $"Message sent to {recipient}: {message}";
}
