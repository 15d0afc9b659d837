// An ASP.NET Core application with two models at /v1, beside endpoints of its own. Ask it as you would ask OpenAI:
//
//   curl http://localhost:5005/v1/chat/completions -H "Content-Type: application/json" -d '{"messages": [{"role": "user", "content": "hello"}]}'
//
// Another model: dotnet run --project samples/Server -- --model PATH
using Microsoft.Extensions.AI;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.Services.AddQwen3ChatClient(builder.Configuration["model"] ?? NanoModels.Instruct);
builder.Services.AddQwen3ChatClient(NanoModels.Thinking, serviceKey: "thinker");
// A misspelt ApiKeys would leave the door open.
builder.Services.AddQwen3Server().BindConfiguration("Qwen3Server", binding => binding.ErrorOnUnknownConfiguration = true);
builder.Services.AddHealthChecks().AddQwen3().AddQwen3("thinker", serviceKey: "thinker");
builder.Services.AddOpenApi();

WebApplication app = builder.Build();
app.MapQwen3("/v1");
app.MapHealthChecks("/health");
app.MapOpenApi();
app.MapGet("/", async (IChatClient model) => (await model.GetResponseAsync("hello", new() { Temperature = 0 })).Text);
app.Run(builder.Configuration["urls"] ?? "http://localhost:5005");
