using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Qwen3.Server.Tests;

public sealed class ModelTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    [Fact]
    public async Task The_applications_clients_are_the_models()
    {
        JsonElement list = JsonElement.Parse(await server.Http.GetStringAsync("/v1/models"));
        Assert.Equal("list", list.GetProperty("object").GetString());
        IEnumerable<string?> ids = list.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString());
        Assert.Equal([ServerFixture.Instruct, ServerFixture.Thinking], ids);
        JsonElement model = JsonElement.Parse(await server.Http.GetStringAsync($"/v1/models/{ServerFixture.Thinking}"));
        Assert.Equal((ServerFixture.Thinking, "model"), (model.GetProperty("id").GetString(), model.GetProperty("object").GetString()));
        Assert.True(model.GetProperty("created").GetInt64() > 1_700_000_000);
    }

    [Fact]
    public async Task A_request_names_one_of_them_or_none()
    {
        foreach (string? asked in (string?[])[null, ServerFixture.Instruct, ServerFixture.Thinking])
        {
            string more = $"\"max_tokens\":2,\"model\":{JsonSerializer.Serialize(asked)}";
            (int status, JsonElement body) = await server.AskAsync(Requests.Chat("Hello!", more));
            Assert.Equal((200, asked ?? ServerFixture.Instruct), (status, body.GetProperty("model").GetString()));
        }
    }

    [Theory]
    [InlineData("Qwen/Qwen3-4B")]
    [InlineData("Qwen%2FQwen3-4B")]
    [InlineData("Qwen%2fQwen3-4B")]
    public async Task A_name_may_have_a_slash_which_clients_escape_or_not(string path)
    {
        await using WebApplication app = await ServerFixture.StartAsync(builder => builder.Services.AddSingleton<IChatClient>(new WatchedClient()), options =>
            options.ModelId = "Qwen/Qwen3-4B");
        using var http = new HttpClient { BaseAddress = new(app.Urls.First()) };
        JsonElement model = JsonElement.Parse(await http.GetStringAsync($"/v1/models/{path}"));
        Assert.Equal("Qwen/Qwen3-4B", model.GetProperty("id").GetString());
    }

    [Fact]
    public async Task Another_name_is_not_found()
    {
        (int status, JsonElement body) = await server.AskAsync(Requests.Chat("Hello!", "\"model\":\"gpt-4o\""));
        Assert.Equal(404, status);
        JsonElement error = body.GetProperty("error");
        Assert.Equal(("model_not_found", "model"), (error.GetProperty("code").GetString(), error.GetProperty("param").GetString()));
        Assert.Contains(ServerFixture.Instruct, error.GetProperty("message").GetString());
        using HttpResponseMessage response = await server.Http.GetAsync("/v1/models/Qwen/Qwen3-4B");
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("Qwen/Qwen3-4B", (await response.ReadJsonAsync()).GetProperty("error").GetProperty("message").GetString());
    }
}
