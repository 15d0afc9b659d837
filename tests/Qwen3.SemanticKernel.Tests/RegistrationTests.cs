using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Moq;
using Qwen3.Chat;
using Qwen3.LlamaCpp;

namespace Qwen3.SemanticKernel.Tests;

public sealed class RegistrationTests
{
    [Fact]
    public void Both_services_share_one_model()
    {
        Kernel kernel = Kernel.CreateBuilder().AddQwen3ChatCompletion(NanoModels.Instruct).Build();
        using var services = (ServiceProvider)kernel.Services;
        var client = kernel.GetRequiredService<IChatClient>();

        Assert.IsType<Qwen3ChatCompletionService>(kernel.GetRequiredService<IChatCompletionService>());
        Assert.Same(kernel.GetRequiredService<Qwen3ChatClient>().GetService<LlamaModel>(), client.GetService<LlamaModel>());
        Assert.Same(client, services.GetRequiredService<IChatClient>());
    }

    [Fact]
    public async Task Several_models_are_told_apart_by_their_service_id()
    {
        Kernel kernel = Kernel.CreateBuilder()
            .AddQwen3ChatCompletion(NanoModels.Instruct, serviceId: "executor")
            .AddQwen3ChatCompletion(NanoModels.Thinking, serviceId: "planner")
            .Build();
        using var services = (ServiceProvider)kernel.Services;

        Assert.Equal("Qwen3-Nano-Thinking-2507", kernel.GetRequiredService<IChatCompletionService>("planner").Attributes["ModelId"]);
        Assert.Equal("Qwen3-Nano-Instruct-2507", kernel.GetRequiredService<IChatCompletionService>("executor").Attributes["ModelId"]);
        FunctionResult answer = await kernel.InvokePromptAsync("Hello!", new(new PromptExecutionSettings { ServiceId = "planner", ExtensionData = new Dictionary<string, object> { ["temperature"] = 0 } }));
        Assert.Equal("A simple message, so I answer directly.", answer.GetValue<ChatMessageContent>()!.Items.OfType<ReasoningContent>().Single().Text);
    }

    [Fact]
    public void Several_models_without_a_service_id_stay_apart_and_the_last_one_counts()
    {
        using ServiceProvider services = new ServiceCollection().AddQwen3ChatCompletion(NanoModels.Thinking).AddQwen3ChatCompletion(NanoModels.Instruct).BuildServiceProvider();
        Assert.Equal(
            ["Qwen3-Nano-Thinking-2507", "Qwen3-Nano-Instruct-2507"],
            services.GetServices<IChatCompletionService>().Select(service => service.Attributes["ModelId"]));
        Assert.Equal("Qwen3-Nano-Instruct-2507", services.GetRequiredService<IChatCompletionService>().Attributes["ModelId"]);
    }

    [Fact]
    public void Options_reach_the_model_and_its_engine()
    {
        using ServiceProvider services = new ServiceCollection()
            .AddQwen3ChatCompletion(
                NanoModels.Instruct,
                options =>
                {
                    options.Variant = Qwen3Variant.Thinking;
                    options.ModelId = "mine";
                    options.Engine.ContextSize = 512;
                })
            .BuildServiceProvider();
        var client = services.GetRequiredService<Qwen3ChatClient>();

        Assert.Equal((Qwen3Variant.Thinking, "mine", 512), (client.Variant, client.Metadata.DefaultModelId, client.GetService<InferenceEngine>()!.ContextSize));
    }

    [Fact]
    public void The_model_is_loaded_when_it_is_asked_for_and_its_log_goes_to_the_container()
    {
        var logger = new Mock<ILogger>();
        logger.Setup(l => l.IsEnabled(It.IsAny<LogLevel>())).Returns(true);
        var factory = new Mock<ILoggerFactory>();
        factory.Setup(f => f.CreateLogger(It.IsAny<string>())).Returns(logger.Object);
        using ServiceProvider services = new ServiceCollection().AddSingleton(factory.Object).AddQwen3ChatCompletion(NanoModels.Instruct).BuildServiceProvider();
        logger.VerifyNoOtherCalls();

        services.GetRequiredService<IChatCompletionService>();

        logger.Verify(l => l.Log(
            LogLevel.Debug, It.IsAny<EventId>(), It.Is<It.IsAnyType>((state, _) => $"{state}".Contains("llama.cpp")), null, It.IsAny<Func<It.IsAnyType, Exception?, string>>()));
    }

    [Fact]
    public async Task Disposing_the_container_frees_the_model()
    {
        ServiceProvider services = new ServiceCollection().AddQwen3ChatCompletion(NanoModels.Instruct).BuildServiceProvider();
        var client = services.GetRequiredService<IChatClient>();
        Assert.NotNull(services.GetRequiredService<IChatCompletionService>());
        var model = client.GetService<LlamaModel>()!;

        await services.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.GetResponseAsync("Hello!"));
        Assert.Throws<ObjectDisposedException>(() => model.Tokenizer.Encode("Hello"));
    }

    [Fact]
    public void A_missing_file_is_named_when_the_service_is_asked_for()
    {
        Kernel kernel = Kernel.CreateBuilder().AddQwen3ChatCompletion("nowhere.gguf").Build();
        Assert.Contains("nowhere.gguf", Assert.Throws<FileNotFoundException>(() => kernel.GetRequiredService<IChatCompletionService>()).Message);
        Assert.Throws<ArgumentException>(() => Kernel.CreateBuilder().AddQwen3ChatCompletion(" "));
    }
}
