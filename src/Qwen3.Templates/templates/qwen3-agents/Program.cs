using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.AI;
using Qwen3.Agents;
using Qwen3.Chat.Models;
using Qwen3App1;

string goal = args.Length > 0
    ? string.Join(' ', args)
    : "Get the weather in Paris and Rome, then send a summary to Anna.";

// The first run downloads the models (2.5 GB each), unless they are on this machine.
#if (hasPlanner)
Qwen3Model planner = Qwen3Models.Parse(@"PLANNER_NAME");
#else
Qwen3Model planner = Qwen3Models.Thinking2507;
#endif
#if (hasExecutor)
Qwen3Model executor = Qwen3Models.Parse(@"EXECUTOR_NAME");
#else
Qwen3Model executor = Qwen3Models.Instruct2507;
#endif

// An ApprovalRequiredAIFunction around a function makes the workflow ask before each call.
var options = new Qwen3WorkflowOptions
{
    Tools = [AIFunctionFactory.Create(Tools.GetWeather), AIFunctionFactory.Create(Tools.SendMessage)],
};

using Qwen3Workflow workflow = await Qwen3Workflow.CreateAsync(planner, executor, options);
await using StreamingRun run = await workflow.RunStreamingAsync(goal);
await foreach (WorkflowEvent step in run.WatchStreamAsync())
{
    switch (step)
    {
        case PlanCreatedEvent created:
            foreach (PlanStep planned in created.Plan.Steps)
            {
                Console.WriteLine($"plan    {planned.Id}. {planned.Task}");
            }

            break;
        case StepDoneEvent done:
            Console.WriteLine($"step {done.Step.Id}  {done.Result}");
            break;
        case WorkflowOutputEvent { Data: Qwen3WorkflowResult result }:
            Console.WriteLine($"answer  {result.Answer}");
            break;
        case WorkflowErrorEvent { Exception: { } exception }:
            Console.Error.WriteLine(exception.Message);
            break;
    }
}
