using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Moq;
using Qwen3.LlamaCpp;

namespace Qwen3.Chat.Tests.Hosting;

public sealed class LoadOnDemandTests
{
    private int _loads;

    private Qwen3ChatClientOptions Options => new()
    {
        Model = { Progress = new Loads(this) },
        Engine = { Threads = 1 },
    };

    [Fact]
    public async Task An_option_that_does_not_fit_the_model_is_no_fault_of_the_request()
    {
        using Qwen3ChatClient client = Qwen3ChatClient.LoadOnDemand(NanoModels.Instruct, new() { Engine = { ContextSize = 10_000_000 } });
        LlamaException failure = await Assert.ThrowsAsync<LlamaException>(() => client.GetResponseAsync("Hello!"));
        Assert.Contains("ContextSize", failure.Message);
    }

    [Fact]
    public async Task The_first_request_loads_the_model_and_all_share_it()
    {
        using Qwen3ChatClient client = Qwen3ChatClient.LoadOnDemand(NanoModels.Thinking, Options);
        Assert.Equal((Qwen3Variant.Thinking, "Qwen3-Nano-Thinking-2507"), (client.Variant, client.Metadata.DefaultModelId));
        Assert.Equal(0, _loads);
        ChatResponse[] responses = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => client.GetResponseAsync("Hello!", NanoTools.Greedy())));
        Assert.All(responses, response => Assert.StartsWith("Hello", response.Text));
        Assert.Equal(1, _loads);
    }

    [Fact]
    public async Task A_model_that_nobody_needs_is_let_go_and_comes_back()
    {
        var time = new FakeTimeProvider();
        Qwen3ChatClientOptions options = Options;
        options.UnloadAfter = TimeSpan.FromMinutes(10);
        options.Engine.TimeProvider = time;
        using Qwen3ChatClient client = Qwen3ChatClient.LoadOnDemand(NanoModels.Instruct, options);
        await client.GetResponseAsync("Hello!");
        LlamaModel model = client.GetService<LlamaModel>()!;

        time.Advance(TimeSpan.FromMinutes(9));
        await client.GetResponseAsync("Hello!");
        time.Advance(TimeSpan.FromMinutes(9));
        Assert.NotEmpty(model.Tokenizer.Encode("still there"));

        time.Advance(TimeSpan.FromMinutes(2));
        Assert.Throws<ObjectDisposedException>(() => model.Tokenizer.Encode("gone"));
        Assert.Equal(1, _loads);
        Assert.StartsWith("Hello", (await client.GetResponseAsync("Hello!", NanoTools.Greedy())).Text);
        Assert.Equal(2, _loads);
    }

    [Fact]
    public async Task A_model_in_use_is_not_let_go()
    {
        var time = new FakeTimeProvider();
        Qwen3ChatClientOptions options = Options;
        options.UnloadAfter = TimeSpan.FromMinutes(1);
        options.Engine.TimeProvider = time;
        using Qwen3ChatClient client = Qwen3ChatClient.LoadOnDemand(NanoModels.Instruct, options);
        string text = "";
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("Hello!", NanoTools.Greedy()))
        {
            time.Advance(TimeSpan.FromHours(1));
            text += update.Text;
        }

        Assert.StartsWith("Hello", text);
        Assert.Equal(1, _loads);
    }

    [Fact]
    public async Task What_ends_the_waiting_of_one_does_not_end_the_loading_for_others()
    {
        using Qwen3ChatClient client = Qwen3ChatClient.LoadOnDemand(NanoModels.Instruct, Options);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.LoadModelAsync(new(canceled: true)));
        await client.LoadModelAsync(TestContext.Current.CancellationToken);
        Assert.StartsWith("Hello", (await client.GetResponseAsync("Hello!", NanoTools.Greedy())).Text);
        Assert.Equal(1, _loads);
    }

    [Fact]
    public async Task A_client_that_is_disposed_while_its_model_is_loaded_says_so()
    {
        Qwen3ChatClient client = Qwen3ChatClient.LoadOnDemand(NanoModels.Instruct, Options);
        Task loading = client.LoadModelAsync(TestContext.Current.CancellationToken);
        client.Dispose();
        client.Dispose();
        try
        {
            await loading;
        }
        catch (ObjectDisposedException)
        {
            // Or it was ready before.
        }

        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.GetResponseAsync("Hello!"));
    }

    [Fact]
    public void Disposing_waits_for_a_loading_to_end()
    {
        bool isLoading = false, wasLoading = true;
        int reports = 0;
        Qwen3ChatClient client = null!;
        var disposing = new Thread(() =>
        {
            client.Dispose();
            wasLoading = Volatile.Read(ref isLoading);
        });
        Qwen3ChatClientOptions options = Options;
        options.Model.Progress = Reporting(() =>
        {
            reports++;
            if (disposing.ThreadState.HasFlag(ThreadState.Unstarted))
            {
                isLoading = true;
                // Without what makes it part of the loading.
                disposing.UnsafeStart();
                SpinWait.SpinUntil(() => !disposing.IsAlive || disposing.ThreadState.HasFlag(ThreadState.WaitSleepJoin));
                Volatile.Write(ref isLoading, false);
            }
        });
        client = Qwen3ChatClient.LoadOnDemand(NanoModels.Instruct, options);
        Assert.Throws<ObjectDisposedException>(() => client.LoadModelAsync().GetAwaiter().GetResult());
        disposing.Join();
        Assert.False(wasLoading);
        // A report that waits for the thread that disposes, as one to a window may, would wait for ever.
        Assert.Equal(1, reports);
    }

    [Fact]
    public async Task Who_is_told_of_the_loading_may_dispose_the_client()
    {
        Qwen3ChatClient client = null!;
        Qwen3ChatClientOptions options = Options;
        options.Model.Progress = Reporting(() => client.Dispose());
        client = Qwen3ChatClient.LoadOnDemand(NanoModels.Instruct, options);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.LoadModelAsync().WaitAsync(TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public async Task Asking_for_a_service_does_not_load_the_model()
    {
        using Qwen3ChatClient client = Qwen3ChatClient.LoadOnDemand(NanoModels.Instruct, Options);
        foreach (Type type in (Type[])[typeof(InferenceEngine), typeof(LlamaModel), typeof(Tokenizer)])
        {
            Assert.Null(client.GetService(type));
        }

        Assert.Equal(0, _loads);
        await client.LoadModelAsync(TestContext.Current.CancellationToken);
        Assert.Same(client.GetService<InferenceEngine>()!.Model, client.GetService<LlamaModel>());
        Assert.Same(client.GetService<LlamaModel>()!.Tokenizer, client.GetService<Tokenizer>());
        client.Dispose();
        Assert.Null(client.GetService<Tokenizer>());
    }

    [Fact]
    public async Task What_goes_on_after_a_request_may_wait_for_the_thread_that_disposes_the_client()
    {
        Qwen3ChatClient client = null!;
        var disposing = new Thread(() => client.Dispose());
        Qwen3ChatClientOptions options = Options;
        options.Model.Progress = Reporting(() =>
        {
            if (disposing.ThreadState.HasFlag(ThreadState.Unstarted))
            {
                disposing.UnsafeStart();
                SpinWait.SpinUntil(() => !disposing.IsAlive || disposing.ThreadState.HasFlag(ThreadState.WaitSleepJoin));
            }
        });
        client = Qwen3ChatClient.LoadOnDemand(NanoModels.Instruct, options);
        async Task<bool> AnswerAsync()
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(() => client.GetResponseAsync("Hello!")).ConfigureAwait(false);
            return disposing.Join(TimeSpan.FromSeconds(30));
        }

        bool[] ended = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(AnswerAsync)));
        Assert.All(ended, Assert.True);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n")]
    [InlineData(null)]
    public void A_file_without_a_chat_template_is_refused_unless_its_variant_is_given(string? template)
    {
        string path = Path.Combine(Path.GetTempPath(), $"qwen3-{Guid.NewGuid():N}.gguf");
        try
        {
            File.WriteAllBytes(path, LlamaCpp.Tests.GgufEdit.With(File.ReadAllBytes(NanoModels.Instruct), ("tokenizer.chat_template", template)));
            Assert.Contains("Variant", Assert.Throws<ModelFileException>(() => Qwen3ChatClient.LoadOnDemand(path)).Message);
            using Qwen3ChatClient client = Qwen3ChatClient.LoadOnDemand(path, new() { Variant = Qwen3Variant.Thinking });
            Assert.Equal(Qwen3Variant.Thinking, client.Variant);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task Disposing_asynchronously_frees_the_model()
    {
        Qwen3ChatClient client = Qwen3ChatClient.LoadOnDemand(NanoModels.Instruct, Options);
        await client.LoadModelAsync(TestContext.Current.CancellationToken);
        InferenceEngine engine = client.GetService<InferenceEngine>()!;
        await client.DisposeAsync();
        Assert.True(engine.IsDisposed);
        await client.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.GetResponseAsync("Hello!"));
    }

    [Fact]
    public async Task An_engine_that_was_disposed_beneath_the_client_is_loaded_again()
    {
        using Qwen3ChatClient client = Qwen3ChatClient.LoadOnDemand(NanoModels.Instruct, Options);
        await client.LoadModelAsync(TestContext.Current.CancellationToken);
        client.GetService<InferenceEngine>()!.Dispose();
        Assert.Null(client.GetService<InferenceEngine>());
        Assert.StartsWith("Hello", (await client.GetResponseAsync("Hello!", NanoTools.Greedy())).Text);
        Assert.Equal(2, _loads);
        Assert.False(client.GetService<InferenceEngine>()!.IsDisposed);

        using LlamaModel own = LlamaModel.Load(NanoModels.Instruct);
        using var over = new Qwen3ChatClient(new InferenceEngine(own, new() { Threads = 1 }));
        over.GetService<InferenceEngine>()!.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => over.GetResponseAsync("Hello!"));
    }

    [Fact]
    public async Task Any_positive_time_will_do_to_let_a_model_go()
    {
        Qwen3ChatClientOptions options = Options;
        options.UnloadAfter = TimeSpan.MaxValue;
        using (Qwen3ChatClient client = Qwen3ChatClient.LoadOnDemand(NanoModels.Instruct, options))
        {
            Assert.NotEmpty((await client.GetResponseAsync("Hello!")).Text);
        }

        options.UnloadAfter = TimeSpan.Zero;
        Assert.Contains("UnloadAfter", Assert.Throws<ArgumentOutOfRangeException>(() => Qwen3ChatClient.LoadOnDemand(NanoModels.Instruct, options)).Message);
    }

    [Fact]
    public async Task The_log_tells_of_each_loading()
    {
        var lines = new List<string>();
        var time = new FakeTimeProvider();
        var services = new ServiceCollection();
        services.AddSingleton(Logger(lines));
        services.AddQwen3ChatClient(NanoModels.Instruct, options =>
        {
            options.UnloadAfter = TimeSpan.FromMinutes(1);
            options.Engine.TimeProvider = time;
            options.Engine.Threads = 1;
        });
        await using ServiceProvider provider = services.BuildServiceProvider();
        var client = provider.GetRequiredService<Qwen3ChatClient>();
        await client.LoadModelAsync(TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromMinutes(1));
        await client.LoadModelAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, lines.Count(line => line.Contains(": 100 %")));
    }

    [Fact]
    public async Task Models_with_the_same_options_report_each_their_own_loading_once()
    {
        var lines = new List<string>();
        var shared = new LlamaModelOptions { Progress = new Loads(this) };
        var services = new ServiceCollection();
        services.AddSingleton(Logger(lines));
        foreach (string path in (string[])[NanoModels.Instruct, NanoModels.Thinking])
        {
            services.AddQwen3ChatClient(path, options => (options.Model, options.Engine.Threads) = (shared, 1), path);
        }

        await using ServiceProvider provider = services.BuildServiceProvider();
        foreach (string path in (string[])[NanoModels.Instruct, NanoModels.Thinking])
        {
            var client = provider.GetRequiredKeyedService<Qwen3ChatClient>(path);
            Assert.Equal(0, _loads);
            await client.LoadModelAsync(TestContext.Current.CancellationToken);
            Assert.Equal(1, _loads);
            Assert.Equal(path, lines.Single(line => line.Contains(": 100 %")).Split(' ')[1].TrimEnd(':'));
            lines.Clear();
            _loads = 0;
        }

        Assert.IsType<Loads>(shared.Progress);
        Assert.Null(shared.LoggerFactory);
    }

    [Theory]
    [InlineData("Qwen3:ModlPath", "'ModlPath'")]
    [InlineData("Qwen3:Engin:Threads", "'Engin'")]
    [InlineData("Qwen3:Engine:Thread", "'Thread'")]
    [InlineData("Qwen3:Engine:Threads", "Qwen3:Engine:Threads")]
    public async Task A_wrong_entry_of_the_configuration_is_named_with_its_section(string key, string named)
    {
        IConfiguration configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["Qwen3:ModelPath"] = NanoModels.Instruct, [key] = "many", ["Other"] = "1" }).Build();
        var services = new ServiceCollection();
        services.AddQwen3ChatClient(configuration.GetSection("Qwen3"));
        await using ServiceProvider provider = services.BuildServiceProvider();
        string message = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<Qwen3ChatClient>()).Message;
        Assert.Contains("section 'Qwen3'", message);
        Assert.Contains(named, message);
    }

    [Fact]
    public void A_file_that_is_none_is_refused_at_once()
    {
        Assert.Throws<FileNotFoundException>(() => Qwen3ChatClient.LoadOnDemand("nowhere.gguf"));
        Assert.Throws<ModelFileException>(() => Qwen3ChatClient.LoadOnDemand(typeof(LoadOnDemandTests).Assembly.Location));
    }

    [Fact]
    public async Task A_registered_client_has_its_key_its_builder_and_its_container()
    {
        var services = new ServiceCollection();
        services.AddQwen3ChatClient(NanoModels.Instruct, options => options.Engine.Threads = 1).UseFunctionInvocation();
        services.AddQwen3ChatClient(NanoModels.Thinking, options => options.Engine.Threads = 1, "planner");
        ServiceProvider provider = services.BuildServiceProvider();
        var client = provider.GetRequiredService<IChatClient>();
        Assert.NotNull(client.GetService<FunctionInvokingChatClient>());
        Assert.Equal("Qwen3-Nano-Thinking-2507", provider.GetRequiredKeyedService<IChatClient>("planner").GetService<ChatClientMetadata>()!.DefaultModelId);
        Assert.Same(provider.GetRequiredService<Qwen3ChatClient>(), client.GetService<Qwen3ChatClient>());
        Assert.Contains("sunny", (await client.GetResponseAsync("What is the weather in Paris?", NanoTools.Greedy(NanoTools.Weather))).Text);

        await provider.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.GetResponseAsync("Hello!"));
    }

    private static ILoggerFactory Logger(List<string> lines)
    {
        var logger = new Mock<ILogger>();
        logger.Setup(l => l.IsEnabled(It.IsAny<LogLevel>())).Returns(true);
        logger.Setup(l => l.Log(It.IsAny<LogLevel>(), It.IsAny<EventId>(), It.IsAny<It.IsAnyType>(), It.IsAny<Exception?>(), It.IsAny<Func<It.IsAnyType, Exception?, string>>()))
            .Callback(new InvocationAction(invocation => lines.Add($"{invocation.Arguments[2]}")));
        var factory = new Mock<ILoggerFactory>();
        factory.Setup(f => f.CreateLogger(It.IsAny<string>())).Returns(logger.Object);
        return factory.Object;
    }

    private static IProgress<float> Reporting(Action act)
    {
        var progress = new Mock<IProgress<float>>();
        progress.Setup(p => p.Report(It.IsAny<float>())).Callback(act);
        return progress.Object;
    }

    private sealed class Loads(LoadOnDemandTests tests) : IProgress<float>
    {
        private float _last = float.MaxValue;

        public void Report(float value)
        {
            tests._loads += value < _last ? 1 : 0;
            _last = value;
        }
    }
}
