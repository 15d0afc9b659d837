using System.ComponentModel;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Qwen3.Chat.Models;

namespace Qwen3.Agents.Tests;

/// <summary>One line, and everything is there.</summary>
public sealed class RegistrationTests
{
    private readonly NanoFunctions _functions = new();

    [Fact]
    public async Task One_line_registers_the_workflow_its_agents_and_its_models()
    {
        await using ServiceProvider provider = new ServiceCollection()
            .AddQwen3Agents(NanoModels.Thinking, NanoModels.Instruct, Configure, model => model.Engine.Threads = 1)
            .BuildServiceProvider();

        AgentResponse response = await provider.GetRequiredService<AIAgent>().RunAsync(Goals.TwoThenSend);
        Assert.StartsWith("It is sunny in Paris with 21 degrees. It is sunny in Rome with 21 degrees.", response.Text);
        Qwen3Workflow workflow = provider.GetRequiredService<Qwen3Workflow>();
        Assert.Same(workflow.Planner, provider.GetRequiredService<PlannerAgent>());
        Assert.Same(workflow.Executor, provider.GetRequiredService<ExecutorAgent>());
        Assert.NotNull(provider.GetRequiredKeyedService<IChatClient>("qwen3-thinking"));
        Assert.NotNull(provider.GetRequiredKeyedService<IChatClient>("qwen3-instruct"));
        Assert.Null(provider.GetService<IChatClient>());
    }

    [Fact]
    public async Task Several_are_told_apart_by_their_keys_and_one_file_is_one_model()
    {
        await using ServiceProvider provider = new ServiceCollection()
            .AddQwen3Agents(NanoModels.Thinking, NanoModels.Thinking, options => options.Name = "First", serviceKey: "first")
            .AddQwen3Agents(NanoModels.Thinking, NanoModels.Instruct, options => options.Name = "Second", serviceKey: "second")
            .BuildServiceProvider();
        Assert.Equal("First", provider.GetRequiredKeyedService<AIAgent>("first").Name);
        Assert.Equal("Second", provider.GetRequiredKeyedService<AIAgent>("second").Name);
        Assert.Same(Client("first-qwen3-thinking"), Client("first-qwen3-instruct"));
        Assert.NotSame(Client("second-qwen3-thinking"), Client("second-qwen3-instruct"));

        IChatClient Client(string key) => provider.GetRequiredKeyedService<IChatClient>(key);
    }

    [Fact]
    public async Task Functions_have_the_containers_services_also_where_the_executor_works_by_itself()
    {
        List<MemoryStream> streams = [];
        AIFunction weather = AIFunctionFactory.Create(
            ([Description("The city")] string city, IServiceProvider own) =>
            {
                streams.Add(own.GetRequiredService<MemoryStream>());
                return "sunny, 21 degrees";
            },
            "Weather_GetWeather",
            "Gets the current weather in a city.");
        await using ServiceProvider provider = new ServiceCollection()
            .AddScoped<MemoryStream>()
            .AddQwen3Agents(
                NanoModels.Thinking,
                NanoModels.Instruct,
                options =>
                {
                    Configure(options);
                    options.Tools = [weather];
                },
                model => model.Engine.Threads = 1)
            .BuildServiceProvider(validateScopes: true);
        AgentResponse response = await provider.GetRequiredService<ExecutorAgent>().RunAsync("Get the weather in Paris");
        Assert.Contains("sunny", response.Text);
        Assert.False(Assert.Single(streams).CanWrite);
    }

    [Fact]
    public async Task Options_that_cannot_be_are_named()
    {
        await using ServiceProvider provider = new ServiceCollection()
            .AddQwen3Agents(NanoModels.Thinking, NanoModels.Instruct, options => options.Limits.MaxParallelSteps = 0)
            .BuildServiceProvider();
        OptionsValidationException e = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<Qwen3Workflow>());
        Assert.Equal("Limits.MaxParallelSteps is 0, and must be at least 1.", Assert.Single(e.Failures));
    }

    [Fact]
    public async Task Models_that_are_found_on_the_machine_do_as_files_do()
    {
        Qwen3Model thinking = Qwen3Models.Parse(NanoModels.Thinking), instruct = Qwen3Models.Parse(NanoModels.Instruct);
        await using ServiceProvider provider = new ServiceCollection()
            .AddQwen3Agents(thinking, thinking, serviceKey: "one")
            .AddQwen3Agents(thinking, instruct, Configure, model => model.Engine.Threads = 1)
            .BuildServiceProvider();
        Assert.Same(
            provider.GetRequiredKeyedService<IChatClient>("one-qwen3-thinking"), provider.GetRequiredKeyedService<IChatClient>("one-qwen3-instruct"));
        Assert.Null((await provider.GetRequiredService<Qwen3Workflow>().RunAsync(Goals.TwoThenSend)).StopReason);

        using Qwen3Workflow workflow = await Qwen3Workflow.CreateAsync(
            thinking, instruct, CreateOptions(), model => model.Engine.Threads = 1, TestContext.Current.CancellationToken);
        Assert.Null((await workflow.RunAsync(Goals.TwoThenSend)).StopReason);
    }

    [Fact]
    public async Task A_workflow_of_two_files_owns_its_models()
    {
        Qwen3Workflow workflow = await Qwen3Workflow.CreateAsync(
            NanoModels.Thinking, NanoModels.Instruct, CreateOptions(), model => model.Engine.Threads = 1, TestContext.Current.CancellationToken);
        Assert.Null((await workflow.RunAsync(Goals.TwoThenSend)).StopReason);
        workflow.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => workflow.Planner.RunAsync(Goals.TwoThenSend));
    }

    private Qwen3WorkflowOptions CreateOptions()
    {
        var options = new Qwen3WorkflowOptions();
        Configure(options);
        return options;
    }

    private void Configure(Qwen3WorkflowOptions options)
    {
        options.Tools = _functions.All;
        options.PlannerChatOptions = new() { Temperature = 0, MaxOutputTokens = 600 };
        options.ExecutorChatOptions = new() { Temperature = 0, MaxOutputTokens = 300 };
    }
}
