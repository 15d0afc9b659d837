using Microsoft.Extensions.AI;
using Qwen3.Chat;
using Qwen3.Remote;

namespace PlanAndExecute;

/// <summary>A model in this process, by its file, or on a server, by the server's address.</summary>
internal static class SampleModel
{
    /// <param name="where">A path, or an address such as <c>http://gpu-pool:8000/v1</c>, with another name of the model behind a <c>#</c>.</param>
    /// <param name="variant">Which variant it is on a server; a file says so itself.</param>
    /// <param name="threads">With how many threads it computes here.</param>
    public static async Task<IChatClient> OpenAsync(string where, Qwen3Variant variant, int? threads)
    {
        if (!IsServer(where))
        {
            return await Qwen3ChatClient.LoadAsync(where, new() { Engine = { Threads = threads } });
        }

        var address = new Uri(where);
        return new Qwen3RemoteChatClient(new Qwen3RemoteChatClientOptions
        {
            Endpoint = new(address.GetLeftPart(UriPartial.Query)),
            Model = address.Fragment.Length > 1 ? Uri.UnescapeDataString(address.Fragment[1..]) : $"Qwen/Qwen3-4B-{variant}-2507",
            Variant = variant,
            ApiKey = Environment.GetEnvironmentVariable("QWEN3_API_KEY"),
        });
    }

    /// <summary>Whether it is an address. That of a server has both models.</summary>
    public static bool IsServer(string where) => Uri.TryCreate(where, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https";
}
