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
    // One file in memory and one engine for all three, in whose cache each finds what it has read before.
    using Qwen3ChatClient model = await Qwen3ChatClient.LoadAsync(arguments.ModelPath, new() { Engine = { Threads = arguments.Threads } });
    Workflow workflow = Patterns.Build(arguments.Pattern, model, arguments.ChatOptions);

    Console.WriteLine($"{"user",-12}{arguments.Question}");
    var printer = new ConversationPrinter(showsText: !arguments.IsBeyondModel);
    List<ChatMessage> messages = [new(ChatRole.User, arguments.Question)];
    await using StreamingRun run = await InProcessExecution.RunStreamingAsync(workflow, messages);
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
        Console.WriteLine("""

            This shows the way through the workflow. What the nano model says to such a question means nothing, so … stands for it:
            --model PATH, with a Qwen3-4B, answers.
            """);
    }

    return 0;
}
catch (Exception e) when (e is LlamaException or FileNotFoundException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
