using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;
using PlanAndExecute;
using PlanAndExecute.Display;
using PlanAndExecute.Plugins;
using Qwen3.Agents;
using Qwen3.Chat;
using Qwen3.LlamaCpp;

if (SampleArguments.Read(args) is not { } arguments)
{
    Console.Error.WriteLine(SampleArguments.Usage);
    return 2;
}

AIFunction weather = AIFunctionFactory.Create(WeatherPlugin.GetWeatherAsync, "Weather_GetWeather");
AIFunction mail = AIFunctionFactory.Create(MailPlugin.SendMessage, "Mail_SendMessage");
var options = new Qwen3WorkflowOptions
{
    Tools = [weather, arguments.Approve ? new ApprovalRequiredAIFunction(mail) : mail],
    ReviewPlans = arguments.Approve,
    // 0 is for the nano models, which are too small to be sampled from; a real model is best left to its own defaults.
    PlannerChatOptions = { Temperature = arguments.IsNano ? 0 : null },
    ExecutorChatOptions = { Temperature = arguments.IsNano ? 0 : null },
};

try
{
    options.Checkpoints = arguments.Checkpoints is { } folder ? WorkflowCheckpoints.InFolder(folder) : null;
    // For two models in this process Qwen3Workflow.CreateAsync is shorter.
    using IChatClient planner = await SampleModel.OpenAsync(arguments.PlannerModel, Qwen3Variant.Thinking, arguments.Threads);
    using IChatClient? other = arguments.IsOneModel ? null : await SampleModel.OpenAsync(arguments.ExecutorModel, Qwen3Variant.Instruct, arguments.Threads);
    using var workflow = new Qwen3Workflow(planner, other ?? planner, options);
    await using StreamingRun run = arguments.Resume
        ? await workflow.ResumeStreamingAsync(SampleArguments.Session)
        : await workflow.RunStreamingAsync(arguments.Goal, SampleArguments.Session);

    if (!arguments.Resume)
    {
        Console.WriteLine($"goal    {arguments.Goal}");
    }

    Qwen3WorkflowResult? result = null;
    List<ExternalRequest> requests = [];
    await using IDisplay display = arguments.Plain ? new PlainDisplay() : new TreeDisplay();
    await foreach (WorkflowEvent happened in run.WatchStreamAsync())
    {
        display.Show(happened);
        result = happened is WorkflowOutputEvent { Data: Qwen3WorkflowResult output } ? output : result;
        if (happened is RequestInfoEvent { Request: { } request })
        {
            requests.Add(request);
        }

        // By now all that belongs to the question has been shown, and it is in a checkpoint.
        if (happened is SuperStepCompletedEvent && requests.Count > 0)
        {
            await display.PauseAsync();
            foreach (ExternalRequest asked in requests)
            {
                if (Person.Answer(asked) is not { } response)
                {
                    Console.Error.WriteLine(arguments.Checkpoints is null ? "Nobody has answered." : "Nobody has answered; --resume asks again.");
                    return 1;
                }

                await run.SendResponseAsync(response);
            }

            requests.Clear();
        }
    }

    return result is { StopReason: null } ? 0 : 1;
}
catch (Exception e) when (e is Qwen3Exception or LlamaException or FileNotFoundException or InvalidOperationException or ArgumentException
    or OptionsValidationException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
