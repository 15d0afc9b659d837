using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.AI;
using MultiAgent;
using Qwen3.Chat;
using Qwen3.LlamaCpp;

if (SampleArguments.Read(args) is not { } arguments)
{
    Console.Error.WriteLine(SampleArguments.Usage);
    return 2;
}

try
{
    // One file in memory and one engine for all three: what they ask at the same time is computed together, and each finds its conversation in the cache.
    using Qwen3ChatClient model = await Qwen3ChatClient.LoadAsync(arguments.ModelPath, new() { Engine = { Threads = arguments.Threads } });
    Workflow workflow = Patterns.Build(arguments.Pattern, model, arguments.ChatOptions);

    Console.WriteLine($"{"user",-12}{arguments.Question}");
    var printer = new ConversationPrinter(showsText: !arguments.IsBeyondModel);
    await using StreamingRun run = await InProcessExecution.RunStreamingAsync(workflow, new List<ChatMessage> { new(ChatRole.User, arguments.Question) });
    await run.TrySendMessageAsync(new TurnToken(emitEvents: true));
    await foreach (WorkflowEvent happened in run.WatchStreamAsync())
    {
        switch (happened)
        {
            case AgentResponseUpdateEvent piece:
                printer.Print(piece.Update);
                break;
            case WorkflowErrorEvent { Exception: { } failure }:
                printer.EndLine();
                Console.Error.WriteLine((failure.InnerException ?? failure).Message);
                return 1;
        }
    }

    printer.PrintUsage();
    if (arguments.IsBeyondModel)
    {
        Console.WriteLine("\nThis shows the way through the workflow. Nothing the nano model says to such a question means anything, so … stands for it; --model PATH answers.");
    }

    return 0;
}
catch (Exception e) when (e is LlamaException or FileNotFoundException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
