using Microsoft.SemanticKernel;
using Moq;
using Qwen3.Agents;

namespace Qwen3.EndToEnd.Tests;

/// <summary>A kernel's plugins as the functions of a workflow of plans.</summary>
public sealed class KernelToolsTests
{
    [Fact]
    public async Task Steps_call_the_functions_of_a_kernel_with_its_filters()
    {
        IKernelBuilder builder = Kernel.CreateBuilder();
        builder.Plugins.AddFromType<WeatherPlugin>("Weather").AddFromType<MailPlugin>("Mail");
        Kernel kernel = builder.Build();
        List<string> filtered = [];
        var filter = new Mock<IFunctionInvocationFilter>();
        filter.Setup(f => f.OnFunctionInvocationAsync(It.IsAny<FunctionInvocationContext>(), It.IsAny<Func<FunctionInvocationContext, Task>>()))
            .Returns((FunctionInvocationContext context, Func<FunctionInvocationContext, Task> next) =>
            {
                lock (filtered)
                {
                    filtered.Add($"{context.Function.PluginName}.{context.Function.Name} {string.Join(',', context.Arguments.Values)}");
                }

                return next(context);
            });
        kernel.FunctionInvocationFilters.Add(filter.Object);

        using Qwen3Workflow workflow = await Qwen3Workflow.CreateAsync(
            NanoModels.Thinking,
            NanoModels.Instruct,
            new()
            {
                Tools = [.. kernel.AsTools()],
                PlannerChatOptions = { Temperature = 0 },
                ExecutorChatOptions = { Temperature = 0 },
            },
            model => model.Engine.Threads = 1,
            TestContext.Current.CancellationToken);
        Qwen3WorkflowResult result = await workflow.RunAsync(
            "Get the weather in Paris and Rome, then send a summary to Anna.", TestContext.Current.CancellationToken);

        Assert.StartsWith("It is sunny in Paris with 21 degrees. It is sunny in Rome with 21 degrees.", result.Answer);
        Assert.Equal(
            [
                "Mail.SendMessage Anna,It is sunny in Paris with 21 degrees. It is sunny in Rome with 21 degrees.",
                "Weather.GetWeather Paris",
                "Weather.GetWeather Rome",
            ],
            filtered.Order());
    }
}
