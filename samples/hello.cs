// The smallest program. From the repository's folder: dotnet run samples/hello.cs
// In an app of your own the next line is: #:package Qwen3.SemanticKernel@0.1.0
#:project ../src/Qwen3.SemanticKernel

using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Qwen3.SemanticKernel;

string model = args.FirstOrDefault() ?? "models/qwen3-nano-instruct-2507-q8_0.gguf";
Kernel kernel = Kernel.CreateBuilder().AddQwen3ChatCompletion(model).Build();
var chat = kernel.GetRequiredService<IChatCompletionService>();

// A temperature of 0 is for the tiny model of the repository. Leave it out for a real one.
var settings = new Qwen3PromptExecutionSettings { Temperature = 0 };
await foreach (var piece in chat.GetStreamingChatMessageContentsAsync("My name is Anna.", settings))
{
    Console.Write(piece.Content);
}

Console.WriteLine();
