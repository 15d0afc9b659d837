using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Qwen3.Remote;
using Qwen3.Chat;
using Qwen3.Remote.Tests;

namespace Qwen3.SemanticKernel.Tests;

/// <summary>An app whose model is on a server.</summary>
public sealed class RemoteTests
{
    [Fact]
    public async Task A_registered_remote_client_becomes_a_chat_completion_service()
    {
        await using RecordedServer server = await RecordedServer.StartAsync("vllm");
        IKernelBuilder builder = Kernel.CreateBuilder();
        builder.Services.AddQwen3ChatClient(server.Endpoint, server.Model, serviceKey: "pool");
        builder.AddQwen3ChatCompletion(services => services.GetRequiredKeyedService<IChatClient>("pool"));
        Kernel kernel = builder.Build();
        using var services = (ServiceProvider)kernel.Services;
        var chat = kernel.GetRequiredService<IChatCompletionService>();

        ChatMessageContent answer = await chat.GetChatMessageContentAsync("Hello!", kernel: kernel);
        Assert.Equal("Hello! How can I help you today?", answer.Content);
        Assert.Equal("A simple message, so I answer directly.", answer.Items.OfType<ReasoningContent>().Single().Text);
        Assert.Equal(server.Model, chat.Attributes["ModelId"]);
        Assert.Same(
            kernel.GetRequiredService<Qwen3RemoteChatClient>("pool"),
            kernel.GetRequiredService<IChatClient>().GetService<Qwen3RemoteChatClient>());
    }

    [Fact]
    public async Task Functions_are_called_and_the_reasoning_goes_back_with_their_results()
    {
        await using RecordedServer server = await RecordedServer.StartAsync("sglang");
        IKernelBuilder builder = Kernel.CreateBuilder();
        builder.Services.AddQwen3ChatClient(server.Endpoint, server.Model, serviceKey: "server");
        builder.AddQwen3ChatCompletion(services => services.GetRequiredKeyedService<IChatClient>("server"), "pool");
        Kernel kernel = builder.Build();
        using var services = (ServiceProvider)kernel.Services;
        List<string> cities = [];
        kernel.Plugins.AddFromFunctions("Weather", [KernelFunctionFactory.CreateFromMethod((string city) =>
        {
            cities.Add(city);
            // The question by which the server finds its last answer.
            return "Hello!";
        }, "GetWeather")]);
        ChatHistory history = [];
        history.AddUserMessage("What is the weather in Hanoi and Tokyo?");

        var settings = new Qwen3PromptExecutionSettings
        {
            FunctionChoiceBehavior = FunctionChoiceBehavior.Auto(),
            ServiceId = "pool",
            TopK = 7,
        };
        ChatMessageContent answer = await kernel
            .GetRequiredService<IChatCompletionService>("pool")
            .GetChatMessageContentAsync(history, settings, kernel);

        Assert.Equal("Hello! How can I help you today?", answer.Content);
        Assert.Equal(["Hanoi", "Tokyo"], cities);
        Assert.Equal([AuthorRole.User, AuthorRole.Assistant, AuthorRole.Tool], history.Select(message => message.Role));
        Assert.Equal(
            "The user asks for the weather in two cities, so I call the function twice.",
            server.Requests[1].GetProperty("messages")[1].GetProperty("reasoning_content").GetString());
        Assert.All(server.Requests, request => Assert.Equal(7, request.GetProperty("top_k").GetInt32()));
    }

    [Fact]
    public async Task A_pool_can_be_the_fallback_or_the_planner()
    {
        await using RecordedServer server = await RecordedServer.StartAsync("vllm");
        IKernelBuilder builder = Kernel.CreateBuilder();
        builder.Services.AddQwen3ChatClient(server.Endpoint, server.Model, serviceKey: "pool");
        builder.Services.AddQwen3ChatClient(NanoModels.Instruct, options => options.Engine.Threads = 1, "here");
        builder.Services.AddQwen3ChatClient(
            NanoModels.Instruct,
            options => options.Engine.MemoryLimit = 1000,
            "too small");
        builder.AddQwen3ChatCompletion(
            provider => new Qwen3FallbackChatClient(
                provider.GetRequiredKeyedService<IChatClient>("too small"),
                provider.GetRequiredKeyedService<IChatClient>("pool")),
            "fallback");
        builder.AddQwen3ChatCompletion(
            provider => new Qwen3RoutingChatClient(
                provider.GetRequiredKeyedService<IChatClient>("pool"),
                provider.GetRequiredKeyedService<IChatClient>("here")),
            "router");
        Kernel kernel = builder.Build();
        using var services = (ServiceProvider)kernel.Services;

        Assert.Equal(
            server.Model,
            (
                await kernel.GetRequiredService<IChatCompletionService>("fallback").GetChatMessageContentAsync("Hello!")
            ).ModelId);
        var router = kernel.GetRequiredService<IChatCompletionService>("router");
        Assert.Equal(server.Model, (await router.GetChatMessageContentAsync("Hello! /think")).ModelId);
        Assert.Equal(
            "Qwen3-Nano-Instruct-2507",
            (
                await router.GetChatMessageContentAsync("Hello!", new Qwen3PromptExecutionSettings { Temperature = 0 })
            ).ModelId);
    }
}
