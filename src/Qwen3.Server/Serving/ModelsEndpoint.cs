using Microsoft.AspNetCore.Http;
using Qwen3.Server.Wire;

namespace Qwen3.Server.Serving;

/// <summary>Tells which models there are.</summary>
internal sealed class ModelsEndpoint(ServedModels models)
{
    public Task ListAsync(HttpContext context) => context.Response.WriteAsJsonAsync(
        new ModelList { Data = [.. models.All(context.RequestServices).Select(Card)] },
        WireJson.Answers.ModelList,
        cancellationToken: context.RequestAborted);

    /// <exception cref="ApiException">There is no model of that name.</exception>
    public Task GetAsync(HttpContext context, string id) => context.Response.WriteAsJsonAsync(
        Card(models.Find(Unescape(id), context.RequestServices)), WireJson.Answers.ModelCard, cancellationToken: context.RequestAborted);

    /// <summary>A slash is the one character that the server leaves as OpenAI's clients escape it in names.</summary>
    private static string Unescape(string id) => id.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    private ModelCard Card(ServedModel model) => new() { Id = model.Id, Created = models.Since.ToUnixTimeSeconds(), OwnedBy = "qwen3sk" };
}
