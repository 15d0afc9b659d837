using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Qwen3.Chat;

namespace Qwen3.Remote.Tests;

/// <summary>The requests that each server receives.</summary>
public sealed class ServerRequestTests
{
    /// <summary>One of each kind of message that the model reads.</summary>
    internal static ChatMessage[] Conversation =>
    [
        new(new ChatRole("developer"), "Be kind."),
        new(ChatRole.User, [new TextContent("What is "), new TextContent("it?")]),
        new(ChatRole.Assistant,
        [
            new TextReasoningContent("Why not."), new TextContent("Let me see."),
            new FunctionCallContent("a", "Math_Add", new Dictionary<string, object?> { ["a"] = 1, ["b"] = 2 }),
        ]),
        new(ChatRole.Tool, [new FunctionResultContent("a", 3)]),
        new(ChatRole.User, "Hello!"),
    ];

    private static readonly CancellationToken s_token = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("vllm", """{"temperature":0.6,"top_p":0.95,"top_k":20,"min_p":0}""", ModelServer.Vllm)]
    [InlineData("sglang", """{"temperature":0.6,"top_p":0.95,"top_k":20,"min_p":0}""", ModelServer.SGLang)]
    [InlineData("llama-server", """{"temperature":0.6,"top_p":0.95,"top_k":20,"min_p":0}""", ModelServer.LlamaServer)]
    [InlineData("lm-studio", """{"temperature":0.6,"top_p":0.95,"top_k":20,"min_p":0}""", ModelServer.LMStudio)]
    public async Task The_server_is_detected_and_sampling_follows_the_model_card(string name, string expected, ModelServer kind)
    {
        await using RecordedServer server = await RecordedServer.StartAsync(name);
        using Qwen3RemoteChatClient client = server.CreateClient();
        await client.GetResponseAsync("Hello!");

        Assert.Equal((kind, Qwen3Variant.Thinking), (client.Server, client.Variant));
        AssertSame(expected, Fields(server.Requests[0], "model", "messages"));
        Assert.Equal(server.Model, server.Requests[0].GetProperty("model").GetString());
    }

    [Theory]
    [InlineData("vllm", """{"top_k":5,"min_p":0.1,"repetition_penalty":1.1,"presence_penalty":1.5,"max_tokens":7,"thinking_token_budget":9}""")]
    [InlineData("sglang", """{"top_k":5,"min_p":0.1,"repetition_penalty":1.1,"presence_penalty":1.5,"max_tokens":7,"custom_params":{"thinking_budget":9}}""")]
    [InlineData("llama-server", """{"top_k":5,"min_p":0.1,"repeat_penalty":1.1,"presence_penalty":1.5,"max_tokens":7,"reasoning_budget_tokens":10,"thinking_budget_tokens":10,"reasoning_budget_message":"\n\nConsidering the limited time by the user, I have to give the solution based on the thinking directly now.\n"}""")]
    [InlineData("lm-studio", """{"top_k":5,"min_p":0.1,"repeat_penalty":1.1,"presence_penalty":1.5,"max_tokens":7}""")]
    public async Task Options_of_the_caller_are_sent_under_the_names_of_the_server(string name, string expected)
    {
        await using RecordedServer server = await RecordedServer.StartAsync(name);
        using Qwen3RemoteChatClient client = server.CreateClient();
        await client.GetResponseAsync("Hello!", new()
        {
            TopK = 5,
            PresencePenalty = 1.5f,
            MaxOutputTokens = 7,
            Reasoning = new() { Effort = ReasoningEffort.Low },
            AdditionalProperties = new() { ["min_p"] = 0.1f, ["repetition_penalty"] = 1.1f, ["thinking_budget"] = 9 },
        });
        AssertSame(expected, Fields(server.Requests[0], "model", "messages", "temperature", "top_p"));
    }

    [Theory]
    [InlineData("vllm", null, """{"chat_template_kwargs":{"enable_thinking":true}}""")]
    [InlineData("vllm", ReasoningEffort.None, """{"chat_template_kwargs":{"enable_thinking":false}}""")]
    [InlineData("vllm", ReasoningEffort.Low, """{"chat_template_kwargs":{"enable_thinking":true},"thinking_token_budget":1024}""")]
    [InlineData("llama-server", ReasoningEffort.None, """{"chat_template_kwargs":{"enable_thinking":false}}""")]
    [InlineData("lm-studio", ReasoningEffort.None, "{}", "Hello! /no_think")]
    public async Task The_hybrid_is_sent_whether_to_think(string name, ReasoningEffort? effort, string expected, string question = "Hello!")
    {
        await using RecordedServer server = await RecordedServer.StartAsync(name);
        using Qwen3RemoteChatClient client = server.CreateClient(options => options.Variant = Qwen3Variant.Hybrid);
        await client.GetResponseAsync("Hello!", new() { Reasoning = new() { Effort = effort } });
        AssertSame(expected, Fields(server.Requests[0], "model", "messages", "temperature", "top_p", "top_k", "min_p"));
        Assert.Equal(question, server.Requests[0].GetProperty("messages")[0].GetProperty("content").GetString());
        Assert.Equal(effort == ReasoningEffort.None ? 0.7f : 0.6f, server.Requests[0].GetProperty("temperature").GetSingle());
    }

    [Theory]
    [InlineData("vllm", """{"type":"function","function":{"name":"Math_Add"}}""", 3)]
    [InlineData("sglang", """{"type":"function","function":{"name":"Math_Add"}}""", 3)]
    [InlineData("llama-server", "\"required\"", 1)]
    [InlineData("lm-studio", "\"required\"", 1)]
    public async Task A_function_is_required_by_name_or_as_the_only_tool(string name, string expected, int tools)
    {
        await using RecordedServer server = await RecordedServer.StartAsync(name);
        using Qwen3RemoteChatClient client = server.CreateClient();
        await client.GetResponseAsync("Hello!", new() { Tools = NanoTools.All, ToolMode = ChatToolMode.RequireSpecific("Math_Add") });
        AssertSame(expected, server.Requests[0].GetProperty("tool_choice"));
        Assert.Equal(tools, server.Requests[0].GetProperty("tools").GetArrayLength());
        Assert.Contains(server.Requests[0].GetProperty("tools").EnumerateArray(), tool => tool.GetProperty("function").GetProperty("name").GetString() == "Math_Add");
    }

    [Theory]
    [InlineData("vllm", """{"role":"assistant","content":"Let me see.","reasoning":"Why not.","reasoning_content":"Why not."}""")]
    [InlineData("sglang", """{"role":"assistant","content":"Let me see.","reasoning_content":"Why not."}""")]
    [InlineData("llama-server", """{"role":"assistant","content":"Let me see.","reasoning_content":"Why not."}""")]
    [InlineData("lm-studio", """{"role":"assistant","content":"<think>\nWhy not.\n</think>\n\nLet me see."}""")]
    public async Task The_conversation_is_sent_as_the_local_model_reads_it(string name, string expectedAssistant)
    {
        await using RecordedServer server = await RecordedServer.StartAsync(name);
        using Qwen3RemoteChatClient client = server.CreateClient();
        await client.GetResponseAsync(Conversation, new() { Instructions = "Be brief.", Tools = NanoTools.All });

        JsonElement[] sent = [.. server.Requests[0].GetProperty("messages").EnumerateArray()];
        AssertSame("""{"role":"system","content":"Be brief.\n\nBe kind."}""", sent[0]);
        AssertSame("""{"role":"user","content":"What is it?"}""", sent[1]);
        AssertSame(expectedAssistant, Fields(sent[2], "tool_calls"));
        AssertSame("""[{"id":"a","type":"function","function":{"name":"Math_Add","arguments":"{\"a\": 1, \"b\": 2}"}}]""", sent[2].GetProperty("tool_calls"));
        AssertSame("""{"role":"tool","tool_call_id":"a","content":"3"}""", sent[3]);
        AssertSame("true", server.Requests[0].GetProperty("parallel_tool_calls"));

        // To the letter, for some servers put it into the prompt as it comes.
        string prompt = Qwen3Prompt.Create(Qwen3Variant.Thinking, [], new() { Tools = NanoTools.All }).ToString();
        Assert.Equal(3, server.Requests[0].GetProperty("tools").GetArrayLength());
        Assert.All(server.Requests[0].GetProperty("tools").EnumerateArray(), tool => Assert.Contains($"\n{tool.GetRawText()}\n", prompt));
    }

    [Fact]
    public async Task The_Instruct_model_is_sent_neither_reasoning_nor_thinking_options()
    {
        await using RecordedServer server = await RecordedServer.StartAsync("vllm");
        using Qwen3RemoteChatClient client = server.CreateClient(options => options.Variant = Qwen3Variant.Instruct);
        ChatMessage[] messages = [new(ChatRole.User, "Hi"), new(ChatRole.Assistant, [new TextReasoningContent("Why."), new TextContent("Hello")]), new(ChatRole.User, "Hello!")];
        await client.GetResponseAsync(messages, new() { Reasoning = new() { Effort = ReasoningEffort.High } });
        AssertSame("""{"role":"assistant","content":"Hello"}""", server.Requests[0].GetProperty("messages")[1]);
        AssertSame("""{"temperature":0.7,"top_p":0.8,"top_k":20,"min_p":0}""", Fields(server.Requests[0], "model", "messages"));
    }

    [Theory]
    [InlineData("vllm", """{"thinking_token_budget":0}""")]
    [InlineData("llama-server", """{"reasoning_budget_tokens":1,"thinking_budget_tokens":1}""")]
    public async Task The_Thinking_model_is_sent_a_budget_of_zero_where_the_server_supports_it(string name, string expected)
    {
        await using RecordedServer server = await RecordedServer.StartAsync(name);
        using Qwen3RemoteChatClient client = server.CreateClient();
        await client.GetResponseAsync("Hello!", new() { Reasoning = new() { Effort = ReasoningEffort.None } });
        AssertSame(expected, Fields(server.Requests[0], "model", "messages", "temperature", "top_p", "top_k", "min_p"));
    }

    [Theory]
    [InlineData("vllm", """{"type":"json_object"}""")]
    [InlineData("llama-server", """{"type":"json_schema","json_schema":{"name":"answer","strict":true,"schema":{"type":"object"}}}""")]
    [InlineData("lm-studio", """{"type":"json_schema","json_schema":{"name":"answer","strict":true,"schema":{"type":"object"}}}""")]
    public async Task JSON_without_a_schema_is_requested_in_the_form_of_the_server(string name, string expected)
    {
        await using RecordedServer server = await RecordedServer.StartAsync(name);
        using Qwen3RemoteChatClient client = server.CreateClient();
        await client.GetResponseAsync("Hello!", new() { ResponseFormat = ChatResponseFormat.Json });
        AssertSame(expected, server.Requests[0].GetProperty("response_format"));
    }

    [Fact]
    public async Task A_schema_is_sent_unchanged_and_a_stream_requests_its_usage()
    {
        await using RecordedServer server = await RecordedServer.StartAsync("lm-studio");
        using Qwen3RemoteChatClient client = server.CreateClient();
        JsonElement schema = JsonElement.Parse("""{"type":"object","properties":{"a":{"type":"integer","default":7}}}""");
        await client.GetStreamingResponseAsync("Hello!", new() { ResponseFormat = ChatResponseFormat.ForJsonSchema(schema, "mine") }).ToChatResponseAsync(s_token);
        AssertSame(
            """{"type":"json_schema","json_schema":{"name":"mine","strict":true,"schema":{"type":"object","properties":{"a":{"type":"integer","default":7}}}}}""",
            server.Requests[0].GetProperty("response_format"));
        AssertSame("""{"include_usage":true}""", server.Requests[0].GetProperty("stream_options"));
    }

    [Fact]
    public async Task Extra_body_fields_win_over_the_card_and_the_options()
    {
        await using RecordedServer server = await RecordedServer.StartAsync("vllm");
        using Qwen3RemoteChatClient client = server.CreateClient();
        await client.GetResponseAsync("Hello!", Extra("""{"temperature":0.3,"top_k":3,"priority":1}"""));
        AssertSame("""{"temperature":0.3,"top_p":0.95,"top_k":3,"priority":1,"min_p":0}""", Fields(server.Requests[0], "model", "messages"));

        ChatOptions options = Extra(
            """
            {
              "tools":[{"type":"function","function":{"name":"mine"}}],
              "tool_choice":{"type":"function","function":{"name":"mine"}},
              "parallel_tool_calls":false
            }
            """);
        options.Tools = [NanoTools.Weather];
        await client.GetResponseAsync("Hello!", options);
        AssertSame("""{"type":"function","function":{"name":"mine"}}""", server.Requests[1].GetProperty("tool_choice"));
        AssertSame("false", server.Requests[1].GetProperty("parallel_tool_calls"));
        Assert.Equal(
            ["mine", "Weather_GetWeather"],
            server.Requests[1].GetProperty("tools").EnumerateArray().Select(tool => tool.GetProperty("function").GetProperty("name").GetString()));
    }

    [Fact]
    public async Task Extra_body_fields_are_merged_into_the_fields_of_the_same_name()
    {
        await using RecordedServer server = await RecordedServer.StartAsync("vllm");
        using Qwen3RemoteChatClient client = server.CreateClient(options => options.Variant = Qwen3Variant.Hybrid);
        ChatOptions options = Extra(
            """
            {"max_completion_tokens":5,"response_format":{"type":"text"},"chat_template_kwargs":{"enable_thinking":false,"mine":1}}
            """);
        (options.MaxOutputTokens, options.ResponseFormat) = (7, ChatResponseFormat.Json);
        await client.GetResponseAsync("Hello!", options);
        AssertSame(
            """{"max_completion_tokens":5,"response_format":{"type":"text"},"chat_template_kwargs":{"enable_thinking":false,"mine":1}}""",
            Fields(server.Requests[0], "model", "messages", "temperature", "top_p", "top_k", "min_p"));

        await client.GetResponseAsync("Hello!", Extra("""{"chat_template_kwargs":{"mine":1}}"""));
        AssertSame("""{"enable_thinking":true,"mine":1}""", server.Requests[1].GetProperty("chat_template_kwargs"));
    }

    [Fact]
    public async Task Standard_options_are_sent_by_their_standard_names()
    {
        await using RecordedServer server = await RecordedServer.StartAsync("vllm");
        using Qwen3RemoteChatClient client = server.CreateClient();
        await client.GetResponseAsync("Hello!", new()
        {
            Temperature = 0, TopP = 0.5f, FrequencyPenalty = -0.5f, Seed = 9_007_199_254_740_993, StopSequences = ["a\"b", "\n"],
        });
        AssertSame(
            """{"temperature":0,"top_p":0.5,"frequency_penalty":-0.5,"seed":9007199254740993,"stop":["a\"b","\n"]}""",
            Fields(server.Requests[0], "model", "messages", "top_k", "min_p"));
    }

    [Fact]
    public async Task A_tool_without_a_name_is_refused()
    {
        await using RecordedServer server = await RecordedServer.StartAsync("vllm");
        using Qwen3RemoteChatClient client = server.CreateClient();
        var exception = await Assert.ThrowsAsync<ArgumentException>(
            () => client.GetResponseAsync("Hello!", new() { Tools = [new NamelessTool()] }));
        Assert.Contains("empty name", exception.Message);
        Assert.Empty(server.Requests);
    }

    private sealed class NamelessTool : AIFunctionDeclaration
    {
        public override string Name => "";
    }

    private static ChatOptions Extra(string json) => new() { RawRepresentationFactory = _ => JsonNode.Parse(json)!.AsObject() };

    private static JsonElement Fields(JsonElement element, params string[] without) =>
        JsonSerializer.SerializeToElement(element.EnumerateObject().Where(member => !without.Contains(member.Name)).ToDictionary(member => member.Name, member => member.Value));

    private static void AssertSame(string expected, JsonElement actual) =>
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(expected), actual), $"Expected {expected}, got {actual.GetRawText()}");
}
