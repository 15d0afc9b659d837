using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Qwen3.Chat.Models;
using Qwen3.SemanticKernel;
using Qwen3App1;

IKernelBuilder builder = Kernel.CreateBuilder();
#if (hasModel)
builder.AddQwen3ChatCompletion(Qwen3Models.Parse(@"MODEL_NAME"));
#else
// The first run downloads the model (2.5 GB), unless it is on this machine.
builder.AddQwen3ChatCompletion(Qwen3Models.Instruct2507);
#endif
builder.Plugins.AddFromType<WeatherPlugin>("Weather");
Kernel kernel = builder.Build();

var chat = kernel.GetRequiredService<IChatCompletionService>();
var settings = new Qwen3PromptExecutionSettings { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() };
ChatHistory history = [];

Console.WriteLine("Ask a question, such as: What is the weather in Paris? An empty line ends the program.");
while (ReadQuestion() is { } question)
{
    history.AddUserMessage(question);
    string answer = "";
    await foreach (StreamingChatMessageContent piece in chat.GetStreamingChatMessageContentsAsync(history, settings, kernel))
    {
        Console.Write(piece.Content);
        answer += piece.Content;
    }

    Console.WriteLine();
    history.AddAssistantMessage(answer);
}

static string? ReadQuestion()
{
    Console.Write("> ");
    return Console.ReadLine() is { Length: > 0 } line ? line : null;
}
