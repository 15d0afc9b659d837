namespace Qwen3.Chat.Models.Fetching;

/// <summary>What differs between the hubs.</summary>
internal abstract class ModelHub
{
    /// <summary>Lists a repository.</summary>
    public abstract Task<HubListing> ListAsync(string repository, CancellationToken cancellationToken);

    /// <summary>Completes what a listing says of a file.</summary>
    public abstract Task<HubFile> DescribeAsync(string repository, HubFile file, CancellationToken cancellationToken);

    /// <summary>A path in an address.</summary>
    protected static string Escape(string path) => string.Join('/', path.Split('/').Select(Uri.EscapeDataString));

    protected static bool IsModel(string? path) => path is not null && HubNames.IsFile(path) && GgufName.Read(path) is not null;
}
