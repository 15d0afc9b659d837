using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace Concepts.Parts;

/// <summary>A service of an application, into which the model is injected as any other service.</summary>
internal sealed class Greeter(IChatCompletionService chat)
{
    public async Task<string?> GreetAsync(string name)
    {
        // 0 is for the nano models; a real model is best left to its own defaults.
        PromptExecutionSettings settings = new()
        {
            ExtensionData = new Dictionary<string, object> { ["temperature"] = 0 },
        };
        ChatMessageContent answer = await chat.GetChatMessageContentAsync($"My name is {name}.", settings);
        return answer.Content;
    }
}
