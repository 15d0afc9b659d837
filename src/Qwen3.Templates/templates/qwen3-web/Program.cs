// Ask it as you would ask OpenAI:
//
//   curl http://localhost:5005/v1/chat/completions -H "Content-Type: application/json" \
//     -d '{"messages": [{"role": "user", "content": "hello"}]}'
using Microsoft.Extensions.AI;
using Qwen3.Chat.Models;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
#if (hasModel)
builder.Services.AddQwen3ChatClient(Qwen3Models.Parse(@"MODEL_NAME"), options => options.LoadAtStart = true);
#else
// The first start downloads the model (2.5 GB), unless it is on this machine.
builder.Services.AddQwen3ChatClient(Qwen3Models.Instruct2507, options => options.LoadAtStart = true);
#endif
// API keys and limits are in the section Qwen3Server of appsettings.json. A misspelled name is an error.
builder.Services.AddQwen3Server().BindConfiguration("Qwen3Server", binding => binding.ErrorOnUnknownConfiguration = true);
builder.Services.AddHealthChecks().AddQwen3();

WebApplication app = builder.Build();
app.MapQwen3("/v1");
app.MapHealthChecks("/health");
app.MapGet("/ask", async (string question, IChatClient model) => (await model.GetResponseAsync(question)).Text);
app.Run();
