using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace Concepts.Parts;

/// <summary>A service of an application, which is given the model as it is given any other service.</summary>
internal sealed class Greeter(IChatCompletionService chat)
{
    public async Task<string?> GreetAsync(string name)
    {
        // 0 is for the nano models; a real model is best left to its own defaults.
        PromptExecutionSettings settings = new() { ExtensionData = new Dictionary<string, object> { ["temperature"] = 0 } };
        ChatMessageContent answer = await chat.GetChatMessageContentAsync($"My name is {name}.", settings);
        return answer.Content;
    }
}
