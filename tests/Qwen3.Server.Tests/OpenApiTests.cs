using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;
using NSwag.CodeGeneration.CSharp;

namespace Qwen3.Server.Tests;

/// <summary>The description that tools import and clients are generated from.</summary>
public sealed class OpenApiTests(HostFixture host) : IClassFixture<HostFixture>
{
    [Fact]
    public async Task Its_reader_finds_nothing_wrong_in_it()
    {
        ReadResult result = OpenApiDocument.Parse(await DocumentAsync(), "json");
        Assert.Equal(OpenApiSpecVersion.OpenApi3_1, result.Diagnostic?.SpecificationVersion);
        Assert.Empty(result.Diagnostic!.Errors);
        Assert.Empty(result.Diagnostic.Warnings);
        Assert.Equal(["/v1/chat/completions", "/v1/models", "/v1/models/{id}"], result.Document!.Paths.Keys);
        IOpenApiSchema request = result.Document.Components!.Schemas!["ChatCompletionRequest"];
        Assert.Equal(["messages"], request.Required!);
        Assert.Equal(JsonSchemaType.Number | JsonSchemaType.Null, request.Properties!["temperature"].Type);
        Assert.All(request.Properties.Where(field => field.Value.OneOf is null), field => Assert.NotEmpty(field.Value.Description!));
        IOpenApiSchema content = result.Document.Components.Schemas["RequestMessage"].Properties!["content"];
        Assert.Equal(JsonSchemaType.String | JsonSchemaType.Array | JsonSchemaType.Null, content.Type);
        Assert.DoesNotContain("JsonElement", result.Document.Components.Schemas.Keys);
        OpenApiOperation chat = result.Document.Paths["/v1/chat/completions"].Operations![HttpMethod.Post];
        Assert.Equal(["application/json", "text/event-stream"], chat.Responses!["200"].Content!.Keys);
        Assert.Equal("bearer", result.Document.Components.SecuritySchemes!.Single().Value.Scheme);
        Assert.Single(chat.Security!);
    }

    [Fact]
    public async Task Its_examples_are_requests_that_are_answered()
    {
        ReadResult result = OpenApiDocument.Parse(await DocumentAsync(), "json");
        IDictionary<string, IOpenApiExample> examples =
            result.Document!.Paths["/v1/chat/completions"].Operations![HttpMethod.Post].RequestBody!.Content!["application/json"].Examples!;
        Assert.NotEmpty(examples);
        foreach (JsonNode example in examples.Values.Select(example => example.Value!.DeepClone()))
        {
            example["max_tokens"] = 4;
            using HttpResponseMessage response = await host.Http.PostAsync("/v1/chat/completions", HttpAsking.Json(example.ToJsonString()));
            Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task A_client_that_is_generated_from_it_completes_a_chat()
    {
        NSwag.OpenApiDocument document = await NSwag.OpenApiDocument.FromJsonAsync(await DocumentAsync());
        var settings = new CSharpClientGeneratorSettings { ClassName = "GeneratedClient", CSharpGeneratorSettings = { Namespace = "Generated" } };
        string code = new CSharpClientGenerator(document, settings).GenerateFile();
        const string Use = """
            public static class Use
            {
                public static async System.Threading.Tasks.Task<string> AskAsync(System.Net.Http.HttpClient http, string address)
                {
                    var client = new Generated.GeneratedClient(http) { BaseUrl = address };
                    Generated.ChatCompletion completion = await client.CreateChatCompletionAsync(new Generated.ChatCompletionRequest
                    {
                        Messages = new[] { new Generated.RequestMessage { Role = Generated.RequestMessageRole.User, Content = "Hello!" } },
                        Temperature = 0,
                    });
                    foreach (Generated.Choice choice in completion.Choices)
                    {
                        return choice.Finish_reason + ": " + choice.Message.Content;
                    }

                    return "";
                }
            }
            """;
        var compilation = CSharpCompilation.Create(
            "Generated",
            [CSharpSyntaxTree.ParseText(code), CSharpSyntaxTree.ParseText(Use)],
            ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
                .Select(path => MetadataReference.CreateFromFile(path)),
            new(OutputKind.DynamicallyLinkedLibrary));
        using var assembly = new MemoryStream();
        Assert.Empty(compilation.Emit(assembly).Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));
        MethodInfo ask = Assembly.Load(assembly.ToArray()).GetType("Use")!.GetMethod("AskAsync")!;
        string answer = await (Task<string>)ask.Invoke(null, [host.Http, $"{host.Address}/"])!;
        Assert.StartsWith("Stop: Hello", answer);
    }

    private Task<string> DocumentAsync() => host.Http.GetStringAsync("/openapi/v1.json");
}
