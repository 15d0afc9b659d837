using System.ComponentModel;

namespace PlanAndExecute.Plugins;

internal static class MailPlugin
{
    [Description("Sends a message to a person.")]
    public static string SendMessage([Description("The person")] string recipient, [Description("The message")] string message)
    {
        // Nothing leaves this sample: it is its calls that show what would be sent.
        _ = message;
        return $"Message sent to {recipient}.";
    }
}
