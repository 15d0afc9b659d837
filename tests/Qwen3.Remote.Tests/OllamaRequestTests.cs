using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Qwen3.Chat;

namespace Qwen3.Remote.Tests;

/// <summary>The requests that Ollama receives, in its own protocol.</summary>
public sealed class OllamaRequestTests
{
    private const string Card = """{"temperature":0.6,"top_p":0.95,"top_k":20,"min_p":0,"repeat_penalty":1,"presence_penalty":0,"frequency_penalty":0}""";

    private static readonly CancellationToken s_token = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ollama_is_detected_and_sampling_follows_the_model_card()
    {
        await using RecordedServer server = await RecordedServer.StartAsync("ollama");
        using Qwen3RemoteChatClient client = server.CreateClient();
        await client.GetResponseAsync("Hello!");

        Assert.Equal((ModelServer.Ollama, Qwen3Variant.Thinking), (client.Server, client.Variant));
        AssertSame(Card, server.Requests[0].GetProperty("options"));
        AssertSame("""[{"role":"user","content":"Hello!"}]""", server.Requests[0].GetProperty("messages"));
        Assert.Equal(server.Model, server.Requests[0].GetProperty("model").GetString());
        AssertSame("false", server.Requests[0].GetProperty("stream"));
    }

    [Fact]
    public async Task Options_of_the_caller_win_over_the_model_card()
    {
        await using RecordedServer server = await RecordedServer.StartAsync("ollama");
        using Qwen3RemoteChatClient client = server.CreateClient(options => options.ContextSize = 16_384);
        await client.GetStreamingResponseAsync("Hello!", new()
        {
            Temperature = 0,
            TopK = 5,
            PresencePenalty = 1.5f,
            MaxOutputTokens = 7,
            Seed = 3,
            StopSequences = ["."],
            AdditionalProperties = new() { ["min_p"] = 0.1f, ["repetition_penalty"] = 1.1f },
        }).ToChatResponseAsync(s_token);
        AssertSame(
            """
            {
              "temperature":0,"top_p":0.95,"top_k":5,"min_p":0.1,"repeat_penalty":1.1,"presence_penalty":1.5,"frequency_penalty":0,
              "num_predict":7,"seed":3,"stop":["."],"num_ctx":16384
            }
            """,
            server.Requests[0].GetProperty("options"));
        AssertSame("true", server.Requests[0].GetProperty("stream"));
    }

    [Theory]
    [InlineData(Qwen3Variant.Hybrid, null, null, 0.6f)]
    [InlineData(Qwen3Variant.Hybrid, ReasoningEffort.High, null, 0.6f)]
    [InlineData(Qwen3Variant.Hybrid, ReasoningEffort.None, "false", 0.7f)]
    [InlineData(Qwen3Variant.Thinking, ReasoningEffort.None, "false", 0.7f)]
    [InlineData(Qwen3Variant.Instruct, ReasoningEffort.None, null, 0.7f)]
    public async Task Think_false_is_sent_when_thinking_is_off(Qwen3Variant variant, ReasoningEffort? effort, string? think, float temperature)
    {
        await using RecordedServer server = await RecordedServer.StartAsync("ollama");
        using Qwen3RemoteChatClient client = server.CreateClient(options => options.Variant = variant);
        await client.GetResponseAsync("Hello!", new() { Reasoning = new() { Effort = effort } });
        Assert.Equal(think, server.Requests[0].TryGetProperty("think", out JsonElement sent) ? sent.GetRawText() : null);
        Assert.Equal(temperature, server.Requests[0].GetProperty("options").GetProperty("temperature").GetSingle());
    }

    [Theory]
    [InlineData(null, 3)]
    [InlineData("", 3)]
    [InlineData("Math_Add", 1)]
    [InlineData("none", 0)]
    public async Task Only_tools_that_can_be_called_are_sent(string? required, int count)
    {
        await using RecordedServer server = await RecordedServer.StartAsync("ollama");
        using Qwen3RemoteChatClient client = server.CreateClient();
        ChatToolMode? mode = required switch
        {
            null => null,
            "" => ChatToolMode.RequireAny,
            "none" => ChatToolMode.None,
            _ => ChatToolMode.RequireSpecific(required),
        };
        await client.GetResponseAsync("Hello!", new() { Tools = NanoTools.All, ToolMode = mode });
        JsonElement[] tools = server.Requests[0].TryGetProperty("tools", out JsonElement sent) ? [.. sent.EnumerateArray()] : [];
        Assert.Equal(count, tools.Length);
        Assert.Equal(count > 0, Array.Exists(tools, tool => tool.GetProperty("function").GetProperty("name").GetString() == "Math_Add"));
    }

    [Fact]
    public async Task The_conversation_is_sent_to_Ollama_as_the_local_model_reads_it()
    {
        await using RecordedServer server = await RecordedServer.StartAsync("ollama");
        using Qwen3RemoteChatClient client = server.CreateClient();
        await client.GetResponseAsync(ServerRequestTests.Conversation, new() { Instructions = "Be brief.", Tools = NanoTools.All });
        AssertSame(
            """
            [
              {"role":"system","content":"Be brief.\n\nBe kind."},
              {"role":"user","content":"What is it?"},
              {
                "role":"assistant","content":"Let me see.","thinking":"Why not.",
                "tool_calls":[{"id":"a","function":{"name":"Math_Add","arguments":{"a":1,"b":2}}}]
              },
              {"role":"tool","content":"3","tool_name":"Math_Add"},
              {"role":"user","content":"Hello!"}
            ]
            """,
            server.Requests[0].GetProperty("messages"));
    }

    [Fact]
    public async Task A_schema_is_sent_as_the_format()
    {
        await using RecordedServer server = await RecordedServer.StartAsync("ollama");
        using Qwen3RemoteChatClient client = server.CreateClient();
        const string Schema = """{"type":"object","properties":{"a":{"type":"integer","default":7}}}""";
        await client.GetResponseAsync("Hello!", new() { ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonElement.Parse(Schema)) });
        AssertSame(Schema, server.Requests[0].GetProperty("format"));
        await client.GetResponseAsync("Hello!", new() { ResponseFormat = ChatResponseFormat.Json });
        AssertSame("\"json\"", server.Requests[1].GetProperty("format"));
    }

    [Fact]
    public async Task Extra_body_fields_win_over_everything_else()
    {
        await using RecordedServer server = await RecordedServer.StartAsync("ollama");
        using Qwen3RemoteChatClient client = server.CreateClient(options => options.ContextSize = 16_384);
        await client.GetResponseAsync("Hello!", new()
        {
            AdditionalProperties = new() { ["keep_alive"] = "1h" },
            RawRepresentationFactory = _ => JsonNode.Parse("""{"think":true,"options":{"num_ctx":9,"top_k":3}}""")!.AsObject(),
        });
        AssertSame("\"1h\"", server.Requests[0].GetProperty("keep_alive"));
        AssertSame("true", server.Requests[0].GetProperty("think"));
        AssertSame("9", server.Requests[0].GetProperty("options").GetProperty("num_ctx"));
        AssertSame("3", server.Requests[0].GetProperty("options").GetProperty("top_k"));
    }

    [Fact]
    public async Task Ollama_options_can_be_JSON()
    {
        await using RecordedServer server = await RecordedServer.StartAsync("ollama");
        using Qwen3RemoteChatClient client = server.CreateClient();
        var options = new ChatOptions
        {
            AdditionalProperties = new()
            {
                ["min_p"] = JsonElement.Parse("0.1"),
                ["num_gpu"] = JsonElement.Parse("3"),
                ["use_mmap"] = JsonElement.Parse("true"),
                ["keep_alive"] = JsonElement.Parse("\"1h\""),
                ["stop"] = JsonElement.Parse("""["a"]"""),
                ["low_vram"] = JsonElement.Parse("null"),
            },
        };
        await client.GetResponseAsync("Hello!", options);
        JsonElement sent = server.Requests[0].GetProperty("options");
        AssertSame("0.1", sent.GetProperty("min_p"));
        AssertSame("3", sent.GetProperty("num_gpu"));
        AssertSame("true", sent.GetProperty("use_mmap"));
        AssertSame("""["a"]""", sent.GetProperty("stop"));
        AssertSame("\"1h\"", server.Requests[0].GetProperty("keep_alive"));
        Assert.IsType<JsonElement>(options.AdditionalProperties["min_p"]);
    }

    [Fact]
    public async Task An_error_in_the_middle_of_a_stream_of_Ollama_is_reported()
    {
        await using RecordedServer server = await RecordedServer.StartAsync("ollama");
        using Qwen3RemoteChatClient client = server.CreateClient();
        server.Mishaps.Enqueue(async context =>
        {
            context.Response.ContentType = "application/x-ndjson";
            await context.Response.Body.WriteAsync(
                """
                {"model":"m","created_at":"2025-10-26T17:15:24Z","message":{"role":"assistant","content":"","thinking":"A"},"done":false}
                {"error":"an error was encountered while running the model"}

                """u8.ToArray());
        });
        var exception = await Assert.ThrowsAsync<ModelServerException>(() => client.GetStreamingResponseAsync("Hello!").ToChatResponseAsync(s_token));
        Assert.Contains("an error was encountered while running the model", exception.Message);
        Assert.True(exception.IsTransient);
    }

    [Fact]
    public async Task A_refusal_of_Ollama_is_reported()
    {
        await using RecordedServer server = await RecordedServer.StartAsync("ollama");
        using Qwen3RemoteChatClient client = server.CreateClient();
        server.Mishaps.Enqueue(async context =>
        {
            context.Response.StatusCode = 400;
            await context.Response.Body.WriteAsync("""{"error":"registry.ollama.ai/library/qwen3:4b-thinking does not support tools"}"""u8.ToArray());
        });
        var exception = await Assert.ThrowsAsync<ModelServerException>(() => client.GetResponseAsync("Hello!"));
        Assert.Contains("does not support tools", exception.Message);
        Assert.False(exception.IsTransient);
    }

    [Fact]
    public async Task A_silent_stream_times_out()
    {
        await using RecordedServer server = await RecordedServer.StartAsync("ollama");
        using Qwen3RemoteChatClient client = server.CreateClient(options => (options.Timeout, options.Server) = (TimeSpan.FromMilliseconds(500), ModelServer.Ollama));
        server.Mishaps.Enqueue(server.Stall("Hello!"));
        var exception = await Assert.ThrowsAsync<ModelServerException>(() => client.GetStreamingResponseAsync("Hello!").ToChatResponseAsync(s_token));
        Assert.Contains("was silent for 00:00:00.5000000", exception.Message);
        await server.ClientLeft.Task.WaitAsync(s_token);
    }

    private static void AssertSame(string expected, JsonElement actual) =>
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(expected), actual), $"Expected {expected}, got {actual.GetRawText()}");
}
