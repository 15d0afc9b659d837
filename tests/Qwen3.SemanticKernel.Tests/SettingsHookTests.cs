using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Microsoft.SemanticKernel.Connectors.OpenAI;
using Moq;
using AI = Microsoft.Extensions.AI;

namespace Qwen3.SemanticKernel.Tests;

/// <summary>
/// The hooks by which settings change a request, as Semantic Kernel's own adapter of chat clients runs them.
/// </summary>
public sealed class SettingsHookTests
{
    private readonly Mock<AI.IChatClient> _client = new();
    private AI.ChatMessage[] _messages = [];
    private AI.ChatOptions? _options;

    public SettingsHookTests() =>
        _client
            .Setup(c =>
                c.GetStreamingResponseAsync(
                    It.IsAny<IEnumerable<AI.ChatMessage>>(),
                    It.IsAny<AI.ChatOptions>(),
                    It.IsAny<CancellationToken>()))
            .Returns(
                (IEnumerable<AI.ChatMessage> messages, AI.ChatOptions? options, CancellationToken _) =>
                {
                    (_messages, _options) = ([.. messages], options);
                    return new[] { new AI.ChatResponseUpdate(AI.ChatRole.Assistant, "done") }.ToAsyncEnumerable();
                }
            );

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Both_hooks_of_derived_settings_change_the_request(bool streams)
    {
        ChatHistory history = [new(AuthorRole.User, "Hello!")];
        await AskAsync(
            history,
            new HookedSettings
            {
                ExtensionData = new Dictionary<string, object> { ["temperature"] = 0.25, ["max_tokens"] = 5 },
            },
            streams);

        Assert.Equal(["Hello!", "Answer in Dutch."], _messages.Select(message => message.Text));
        Assert.Equal(
            (0.25f, 7, "nl"),
            (_options!.Temperature, _options.MaxOutputTokens, _options.AdditionalProperties!["language"]));
    }

    [Fact]
    public async Task A_hook_sees_the_functions_and_can_remove_them()
    {
        var kernel = new Kernel();
        kernel.Plugins.AddFromType<WeatherPlugin>("Weather");
        var settings = new HookedSettings { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() };
        await AskAsync([new(AuthorRole.User, "Hello!")], settings, streams: true, kernel);

        Assert.Equal(["Weather_GetWeather"], settings.Seen);
        Assert.Null(_options!.Tools);
    }

    [Fact]
    public async Task Hooks_run_also_through_settings_that_were_read_before()
    {
        var settings = Qwen3PromptExecutionSettings.FromExecutionSettings(new HookedSettings());
        await AskAsync([new(AuthorRole.User, "Hello!")], settings.Clone(), streams: false);
        Assert.Equal(7, _options!.MaxOutputTokens);
        Assert.Equal(2, _messages.Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_system_prompt_of_the_settings_is_sent_once(bool streams)
    {
        ChatHistory history = [new(AuthorRole.User, "Hello!")];
        var settings = new OpenAIPromptExecutionSettings { ChatSystemPrompt = "Be brief." };
        await AskAsync(history, settings, streams);
        await AskAsync(history, settings, streams);

        Assert.Equal(["Be brief.", "Hello!"], _messages.Select(message => message.Text));
        Assert.Equal(AI.ChatRole.System, _messages[0].Role);
        Assert.Null(_options!.Instructions);
    }

    [Fact]
    public async Task A_system_prompt_of_a_prompt_file_counts_where_the_history_has_none()
    {
        var settings = new PromptExecutionSettings
        {
            ExtensionData = new Dictionary<string, object> { ["chat_system_prompt"] = "Be brief." },
        };
        ChatHistory history = [new(AuthorRole.User, "Hello!")];
        await AskAsync(history, settings, streams: false);
        Assert.Equal(["Be brief.", "Hello!"], _messages.Select(message => message.Text));
        Assert.Single(history);

        await AskAsync([new(AuthorRole.System, "Be kind."), new(AuthorRole.User, "Hello!")], settings, streams: false);
        Assert.Equal(["Be kind.", "Hello!"], _messages.Select(message => message.Text));
        Assert.Null(_options!.Instructions);
    }

    private async Task AskAsync(
        ChatHistory history,
        PromptExecutionSettings settings,
        bool streams,
        Kernel? kernel = null)
    {
        var service = new Qwen3ChatCompletionService(_client.Object);
        if (streams)
        {
            Assert.NotEmpty(
                await service.GetStreamingChatMessageContentsAsync(history, settings, kernel).ToListAsync());
        }
        else
        {
            Assert.NotEmpty(await service.GetChatMessageContentsAsync(history, settings, kernel));
        }
    }

    private sealed class HookedSettings : PromptExecutionSettings
    {
        public string[] Seen { get; private set; } = [];

        public override PromptExecutionSettings Clone() => this;

        protected override ChatHistory PrepareChatHistoryForRequest(ChatHistory chatHistory) =>
            [.. chatHistory, new(AuthorRole.System, "Answer in Dutch.")];

        protected override void PrepareChatOptionsForRequest(AI.ChatOptions options)
        {
            Seen = [.. options.Tools?.Select(tool => tool.Name) ?? []];
            options.Tools = null;
            options.MaxOutputTokens = 7;
            (options.AdditionalProperties ??= [])["language"] = "nl";
        }
    }
}
