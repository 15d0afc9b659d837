using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Moq;
using Qwen3.Chat;
using Qwen3.Chat.Models;
using Qwen3.LlamaCpp;
using Qwen3.Tests;

namespace Qwen3.SemanticKernel.Tests;

public sealed class RegistrationTests
{
    [Fact]
    public async Task Both_services_share_one_model()
    {
        Kernel kernel = Kernel.CreateBuilder().AddQwen3ChatCompletion(NanoModels.Instruct).Build();
        using var services = (ServiceProvider)kernel.Services;
        var client = kernel.GetRequiredService<IChatClient>();

        Assert.IsType<Qwen3ChatCompletionService>(kernel.GetRequiredService<IChatCompletionService>());
        await kernel.GetRequiredService<Qwen3ChatClient>().LoadModelAsync(TestContext.Current.CancellationToken);
        Assert.NotNull(client.GetService<LlamaModel>());
        Assert.Same(
            kernel.GetRequiredService<Qwen3ChatClient>().GetService<LlamaModel>(),
            client.GetService<LlamaModel>()
        );
        Assert.Same(client, services.GetRequiredService<IChatClient>());
    }

    [Fact]
    public async Task Several_models_are_told_apart_by_their_service_id()
    {
        Kernel kernel = Kernel
            .CreateBuilder()
            .AddQwen3ChatCompletion(NanoModels.Instruct, serviceId: "executor")
            .AddQwen3ChatCompletion(NanoModels.Thinking, serviceId: "planner")
            .Build();
        using var services = (ServiceProvider)kernel.Services;

        Assert.Equal(
            "Qwen3-Nano-Thinking-2507",
            kernel.GetRequiredService<IChatCompletionService>("planner").Attributes["ModelId"]
        );
        Assert.Equal(
            "Qwen3-Nano-Instruct-2507",
            kernel.GetRequiredService<IChatCompletionService>("executor").Attributes["ModelId"]
        );
        FunctionResult answer = await kernel.InvokePromptAsync(
            "Hello!",
            new(
                new PromptExecutionSettings
                {
                    ServiceId = "planner",
                    ExtensionData = new Dictionary<string, object> { ["temperature"] = 0 },
                }
            )
        );
        Assert.Equal(
            "A simple message, so I answer directly.",
            answer.GetValue<ChatMessageContent>()!.Items.OfType<ReasoningContent>().Single().Text
        );
    }

    [Fact]
    public async Task A_model_of_the_catalogue_is_fetched_by_the_first_request()
    {
        string folder = Directory.CreateTempSubdirectory("qwen3-tests-").FullName;
        try
        {
            await using LoopbackHub hub = await LoopbackHub.StartAsync();
            byte[] content = await File.ReadAllBytesAsync(NanoModels.Thinking);
            hub.Add(Qwen3Models.Thinking2507.HuggingFaceRepository!, "Qwen3-4B-Thinking-2507-Q4_K_M.gguf", content);
            var lines = new List<string>();
            IKernelBuilder builder = Kernel.CreateBuilder();
            builder.Services.AddSingleton(Logger(lines));
            builder.AddQwen3ChatCompletion(
                Qwen3Models.Thinking2507,
                options =>
                {
                    options.Engine.Threads = 1;
                    options.Hub = new()
                    {
                        Endpoint = hub.Endpoint,
                        CacheFolder = folder,
                        ModelFolder = folder,
                        SearchOtherTools = false,
                        Offline = false,
                    };
                }
            );
            Kernel kernel = builder.Build();
            await using var services = (ServiceProvider)kernel.Services;
            Assert.Equal(
                "Qwen3-4B-Thinking-2507",
                kernel.GetRequiredService<IChatCompletionService>().Attributes["ModelId"]
            );
            Assert.Equal(0, hub.BytesSent);

            FunctionResult answer = await kernel.InvokePromptAsync("Hello!");

            Assert.NotEmpty(answer.GetValue<ChatMessageContent>()!.Items.OfType<ReasoningContent>());
            Assert.Contains(
                lines,
                line => line.Contains("Fetching Qwen3-4B-Thinking-2507-Q4_K_M.gguf") && line.Contains("100 %")
            );
            Assert.Equal(content.Length, hub.BytesSent);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Several_models_without_a_service_id_stay_apart_and_the_last_one_counts()
    {
        using ServiceProvider services = new ServiceCollection()
            .AddQwen3ChatCompletion(NanoModels.Thinking)
            .AddQwen3ChatCompletion(NanoModels.Instruct)
            .BuildServiceProvider();
        Assert.Equal(
            ["Qwen3-Nano-Thinking-2507", "Qwen3-Nano-Instruct-2507"],
            services.GetServices<IChatCompletionService>().Select(service => service.Attributes["ModelId"])
        );
        Assert.Equal(
            "Qwen3-Nano-Instruct-2507",
            services.GetRequiredService<IChatCompletionService>().Attributes["ModelId"]
        );
    }

    [Fact]
    public async Task Options_reach_the_model_and_its_engine()
    {
        using ServiceProvider services = new ServiceCollection()
            .AddQwen3ChatCompletion(
                NanoModels.Instruct,
                options =>
                {
                    options.Variant = Qwen3Variant.Thinking;
                    options.ModelId = "mine";
                    options.Engine.ContextSize = 512;
                }
            )
            .BuildServiceProvider();
        var client = services.GetRequiredService<Qwen3ChatClient>();

        await client.LoadModelAsync(TestContext.Current.CancellationToken);
        Assert.Equal(
            (Qwen3Variant.Thinking, "mine", 512),
            (client.Variant, client.Metadata.DefaultModelId, client.GetService<InferenceEngine>()!.ContextSize)
        );
    }

    [Fact]
    public async Task The_model_is_loaded_by_the_first_request_and_its_log_goes_to_the_container()
    {
        var lines = new List<string>();
        using ServiceProvider services = new ServiceCollection()
            .AddSingleton(Logger(lines))
            .AddQwen3ChatCompletion(NanoModels.Instruct, options => options.Engine.Threads = 1)
            .BuildServiceProvider();
        var chat = services.GetRequiredService<IChatCompletionService>();
        Assert.DoesNotContain(lines, line => line.Contains("llama.cpp"));

        await chat.GetChatMessageContentAsync("Hello!");

        Assert.Contains(lines, line => line.Contains("llama.cpp"));
        Assert.Contains(lines, line => line.Contains($"Loading {NanoModels.Instruct}: 100 %"));
    }

    [Fact]
    public async Task A_section_of_the_configuration_sets_everything()
    {
        IConfiguration configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(
                new Dictionary<string, string?>
                {
                    ["Qwen3:ModelPath"] = NanoModels.Thinking,
                    ["Qwen3:ModelId"] = "mine",
                    ["Qwen3:Variant"] = "Instruct",
                    ["Qwen3:UnloadAfter"] = "00:10:00",
                    ["Qwen3:ThinkingBudgets:Low"] = "7",
                    ["Qwen3:Engine:ContextSize"] = "512",
                    ["Qwen3:Engine:Threads"] = "1",
                    ["Qwen3:Engine:KeyValueCacheType"] = "Q8_0",
                    ["Qwen3:Model:GpuLayers"] = "0",
                }
            )
            .Build();
        Kernel kernel = Kernel
            .CreateBuilder()
            .AddQwen3ChatCompletion(configuration.GetSection("Qwen3"), "local")
            .Build();
        using var services = (ServiceProvider)kernel.Services;
        var client = services.GetRequiredKeyedService<Qwen3ChatClient>("local");
        Qwen3ChatClientOptions options = services
            .GetRequiredService<IOptionsMonitor<Qwen3ChatClientOptions>>()
            .Get("local");

        await client.LoadModelAsync(TestContext.Current.CancellationToken);
        Assert.Equal(
            (Qwen3Variant.Instruct, "mine", 512),
            (client.Variant, client.Metadata.DefaultModelId, client.GetService<InferenceEngine>()!.ContextSize)
        );
        Assert.Equal(
            (KeyValueCacheType.Q8_0, 0, 7, TimeSpan.FromMinutes(10)),
            (
                options.Engine.KeyValueCacheType,
                options.Model.GpuLayers,
                options.ThinkingBudgets.Low,
                options.UnloadAfter
            )
        );
        Assert.NotEmpty(
            (
                await kernel.GetRequiredService<IChatCompletionService>("local").GetChatMessageContentAsync("Hello!")
            ).Content!
        );
    }

    [Fact]
    public async Task A_wrong_setting_is_named_with_its_value_before_anything_is_loaded()
    {
        IConfiguration wrong = new ConfigurationBuilder()
            .AddInMemoryCollection(
                new Dictionary<string, string?>
                {
                    ["Qwen3:UnloadAfter"] = "00:00:00",
                    ["Qwen3:Engine:Threads"] = "1000",
                    ["Qwen3:ThinkingBudgets:Low"] = "-1",
                    ["Empty:ModelPath"] = "",
                }
            )
            .Build();
        using ServiceProvider services = new ServiceCollection()
            .AddQwen3ChatCompletion(wrong.GetSection("Qwen3"), "planner")
            .BuildServiceProvider();
        var exception = Assert.Throws<OptionsValidationException>(() =>
            services.GetRequiredKeyedService<IChatCompletionService>("planner")
        );
        foreach (
            string part in (string[])
                [
                    "ModelPath of 'planner' is missing",
                    "UnloadAfter of 'planner' is '00:00:00'",
                    "Engine:Threads of 'planner' is '1000'",
                    "from 1 to 512",
                    "ThinkingBudgets:Low",
                ]
        )
        {
            Assert.Contains(part, exception.Message);
        }

        IConfiguration misspelt = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["Qwen3:Local:ModlPath"] = NanoModels.Instruct })
            .Build();
        Kernel kernel = Kernel.CreateBuilder().AddQwen3ChatCompletion(misspelt.GetSection("Qwen3:Local")).Build();
        string message = Assert
            .Throws<OptionsValidationException>(() => kernel.GetRequiredService<IChatCompletionService>())
            .Message;
        Assert.Contains("section 'Qwen3:Local'", message);
        Assert.Contains("'ModlPath'", message);

        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Services.AddQwen3ChatCompletion(wrong.GetSection("Empty"));
        using IHost host = builder.Build();
        await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
    }

    [Fact]
    public async Task A_host_loads_at_start_what_is_to_be_there_from_the_start()
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Services.AddQwen3ChatCompletion(NanoModels.Instruct, options => options.LoadAtStart = true, "eager");
        builder.Services.AddQwen3ChatCompletion(NanoModels.Thinking, serviceId: "lazy");
        builder.Services.AddHealthChecks().AddQwen3("eager", "eager").AddQwen3("lazy", "lazy");
        using IHost host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);

        HealthReport report = await host
            .Services.GetRequiredService<HealthCheckService>()
            .CheckHealthAsync(TestContext.Current.CancellationToken);
        Assert.Equal(
            (HealthStatus.Healthy, "The model is loaded."),
            (report.Entries["eager"].Status, report.Entries["eager"].Description)
        );
        Assert.Equal(
            (HealthStatus.Healthy, "The model will be loaded by the next request."),
            (report.Entries["lazy"].Status, report.Entries["lazy"].Description)
        );
        Assert.Equal("Thinking", report.Entries["lazy"].Data["variant"]);
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_model_that_cannot_be_loaded_is_unhealthy_and_each_request_tries_again()
    {
        using ServiceProvider services = new ServiceCollection()
            .AddQwen3ChatCompletion(NanoModels.Instruct, options => options.Engine.MemoryLimit = 1000)
            .AddLogging()
            .AddHealthChecks()
            .AddQwen3()
            .Services.BuildServiceProvider();
        var chat = services.GetRequiredService<IChatCompletionService>();
        await Assert.ThrowsAsync<InsufficientModelMemoryException>(() => chat.GetChatMessageContentAsync("Hello!"));
        HealthReport report = await services
            .GetRequiredService<HealthCheckService>()
            .CheckHealthAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HealthStatus.Unhealthy, report.Status);
        Assert.IsType<InsufficientModelMemoryException>(report.Entries["qwen3"].Exception);
        await Assert.ThrowsAsync<InsufficientModelMemoryException>(() => chat.GetChatMessageContentAsync("Hello!"));
    }

    [Fact]
    public async Task A_client_and_a_service_without_a_key_stay_apart()
    {
        var collection = new ServiceCollection();
        collection.AddQwen3ChatClient(NanoModels.Thinking);
        collection.AddQwen3ChatCompletion(NanoModels.Instruct);
        collection.AddQwen3ChatClient(NanoModels.Thinking, options => options.ModelId = "third");
        await using ServiceProvider services = collection.BuildServiceProvider();
        Assert.Equal(
            ["Qwen3-Nano-Thinking-2507", "Qwen3-Nano-Instruct-2507", "third"],
            services.GetServices<Qwen3ChatClient>().Select(client => client.Metadata.DefaultModelId)
        );
        Assert.Equal(
            "Qwen3-Nano-Instruct-2507",
            services.GetRequiredService<IChatCompletionService>().Attributes["ModelId"]
        );
    }

    [Fact]
    public async Task A_file_that_is_missing_is_unhealthy_and_leaves_other_checks_alone()
    {
        using ServiceProvider services = new ServiceCollection()
            .AddQwen3ChatCompletion("nowhere.gguf")
            .AddLogging()
            .AddHealthChecks()
            .AddQwen3()
            .AddCheck("other", () => HealthCheckResult.Healthy())
            .Services.BuildServiceProvider();
        HealthReport report = await services
            .GetRequiredService<HealthCheckService>()
            .CheckHealthAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HealthStatus.Unhealthy, report.Entries["qwen3"].Status);
        Assert.IsType<FileNotFoundException>(report.Entries["qwen3"].Exception);
        Assert.Equal(HealthStatus.Healthy, report.Entries["other"].Status);
    }

    [Fact]
    public async Task A_client_at_hand_stays_the_callers_and_clients_can_share_a_model()
    {
        using LlamaModel model = LlamaModel.Load(NanoModels.Instruct);
        using var client = new Qwen3ChatClient(new InferenceEngine(model, new() { ContextSize = 1024, Threads = 1 }));
        ServiceProvider services = new ServiceCollection()
            .AddQwen3ChatCompletion(
                _ => new Qwen3ChatClient(new InferenceEngine(model, new() { ContextSize = 512, Threads = 1 })),
                "small"
            )
            .AddQwen3ChatCompletion(client, "own")
            .BuildServiceProvider();
        Assert.Same(model, services.GetRequiredKeyedService<IChatClient>("small").GetService<LlamaModel>());
        Assert.Equal(
            1024,
            services.GetRequiredKeyedService<IChatClient>("own").GetService<InferenceEngine>()!.ContextSize
        );
        Assert.NotEmpty(
            (
                await services
                    .GetRequiredKeyedService<IChatCompletionService>("small")
                    .GetChatMessageContentAsync("Hello!")
            ).Content!
        );
        Assert.NotEmpty(
            (
                await services
                    .GetRequiredKeyedService<IChatCompletionService>("own")
                    .GetChatMessageContentAsync("Hello!")
            ).Content!
        );
        services.GetRequiredKeyedService<IChatClient>("small").GetService<InferenceEngine>()!.Dispose();

        await services.DisposeAsync();

        Assert.NotEmpty((await client.GetResponseAsync("Hello!")).Text);
        client.GetService<InferenceEngine>()!.Dispose();
    }

    [Fact]
    public async Task Disposing_the_container_frees_the_model()
    {
        ServiceProvider services = new ServiceCollection()
            .AddQwen3ChatCompletion(NanoModels.Instruct)
            .BuildServiceProvider();
        var client = services.GetRequiredService<IChatClient>();
        Assert.NotNull(services.GetRequiredService<IChatCompletionService>());
        await services.GetRequiredService<Qwen3ChatClient>().LoadModelAsync(TestContext.Current.CancellationToken);
        var model = client.GetService<LlamaModel>()!;

        await services.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.GetResponseAsync("Hello!"));
        Assert.Throws<ObjectDisposedException>(() => model.Tokenizer.Encode("Hello"));
    }

    private static ILoggerFactory Logger(List<string> lines)
    {
        var logger = new Mock<ILogger>();
        logger.Setup(l => l.IsEnabled(It.IsAny<LogLevel>())).Returns(true);
        logger
            .Setup(l =>
                l.Log(
                    It.IsAny<LogLevel>(),
                    It.IsAny<EventId>(),
                    It.IsAny<It.IsAnyType>(),
                    It.IsAny<Exception?>(),
                    It.IsAny<Func<It.IsAnyType, Exception?, string>>()
                )
            )
            .Callback(
                new InvocationAction(invocation =>
                {
                    lock (lines)
                    {
                        lines.Add($"{invocation.Arguments[2]}");
                    }
                })
            );
        var factory = new Mock<ILoggerFactory>();
        factory.Setup(f => f.CreateLogger(It.IsAny<string>())).Returns(logger.Object);
        return factory.Object;
    }

    [Fact]
    public void A_missing_file_is_named_when_the_service_is_asked_for()
    {
        Kernel kernel = Kernel.CreateBuilder().AddQwen3ChatCompletion("nowhere.gguf").Build();
        Assert.Contains(
            "nowhere.gguf",
            Assert.Throws<FileNotFoundException>(() => kernel.GetRequiredService<IChatCompletionService>()).Message
        );
        Assert.Throws<ArgumentException>(() => Kernel.CreateBuilder().AddQwen3ChatCompletion(" "));
    }
}
