using Microsoft.Agents.AI.Workflows;
using Qwen3.Agents;
using Qwen3.Agents.Tests;
using Qwen3.Chat;

// Runs a workflow with checkpoints in a folder, and kills its own process as soon as a checkpoint has so many results of calls.
string folder = args[0];
string sessionId = args[1];
int results = int.Parse(args[2]);
int parallelSteps = int.Parse(args[3]);

var functions = new NanoFunctions();
using var thinking = Qwen3ChatClient.Load(NanoModels.Thinking, new() { Engine = { Threads = 1 } });
using var instruct = Qwen3ChatClient.Load(NanoModels.Instruct, new() { Engine = { Threads = 1 } });
using var workflow = new Qwen3Workflow(thinking, instruct, new()
{
    Tools = functions.All,
    PlannerChatOptions = { Temperature = 0, MaxOutputTokens = 600 },
    ExecutorChatOptions = { Temperature = 0, MaxOutputTokens = 300 },
    Limits = { MaxParallelSteps = parallelSteps },
    Checkpoints = WorkflowCheckpoints.In(new KillingStore(folder, results, functions)),
});
await using StreamingRun run = await workflow.RunStreamingAsync(Goals.TwoThenSend, sessionId);
await foreach (WorkflowEvent happened in run.WatchStreamAsync())
{
}

Console.WriteLine("The process has not been killed.");
return 1;
